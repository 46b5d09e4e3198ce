"""The demo's repository: a Helm chart, and for each environment its values, with a tag of the image in them."""

from __future__ import annotations

from typing import Final

REPOSITORY: Final = "sandbox.git"
BRANCH: Final = "master"

_VALUES: Final = """\
# Values of {name}. What people wrote stays as they wrote it: comments, order, spacing.
general:
  # The image that runs here; promotions set it.
  lmsImageTag: "2020-01-01_0000-0000000"   # promotions write here
  replicas: {replicas}

resources: {{cpu: 100m,  memory: 128Mi}}
"""
_DEPLOYMENT: Final = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: lms
spec:
  replicas: {{ .Values.general.replicas }}
  progressDeadlineSeconds: 10
  selector:
    matchLabels:
      app: lms
  template:
    metadata:
      labels:
        app: lms
    spec:
      containers:
        - name: lms
          image: us-east1-docker.pkg.dev/container/main-containers/example-container:{{ .Values.general.lmsImageTag }}
"""

FILES: Final = {
    "chart/Chart.yaml": "apiVersion: v2\nname: lms\ndescription: What the demo deploys\nversion: 0.1.0\n",
    "chart/templates/deployment.yaml": _DEPLOYMENT,
    "preprod/values.yaml": _VALUES.format(name="preprod", replicas=1),
    "prod/values.yaml": _VALUES.format(name="prod", replicas=3),
}
"""By path in the repository."""
