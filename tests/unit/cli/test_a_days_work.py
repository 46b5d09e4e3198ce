"""A day's work of somebody who knows Kargo's command line alone, on a real server, with the word exchanged."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support import towpath_process

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.cli.conftest import Told

PASSWORD = "correct horse battery staple"
PIPELINE = """\
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {name: main, namespace: day}
spec:
  freightCreationPolicy: Manual
  subscriptions:
  - image: {repoURL: 127.0.0.1:1/x}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: test, namespace: day}
spec:
  requestedFreight:
  - origin: {kind: Warehouse, name: main}
    sources: {direct: true}
  promotionTemplate:
    spec:
      steps: [{uses: compose-output, as: out, config: {hello: world}}]
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: prod, namespace: day}
spec:
  requestedFreight:
  - origin: {kind: Warehouse, name: main}
    sources: {stages: [test]}
  promotionTemplate:
    spec:
      steps: [{uses: fail, config: {message: no way}}]
"""
FREIGHT = """\
apiVersion: kargo.akuity.io/v1alpha1
kind: Freight
metadata: {namespace: day}
origin: {kind: Warehouse, name: main}
alias: fearless-fox
images: [{repoURL: "127.0.0.1:1/x", tag: v1.0.0}]
"""

SETTINGS = """\
apiVersion: kargo.akuity.io/v1alpha1
kind: ProjectConfig
metadata: {name: day, namespace: day}
spec: {promotionPolicies: []}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: ClusterConfig
metadata: {name: cluster}
spec: {}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Freight
metadata: {namespace: day}
origin: {kind: Warehouse, name: main}
alias: spare-fox
images: [{repoURL: "127.0.0.1:1/x", tag: v0.9.0}]
"""

MORNING = """\
kargo login ADDRESS --admin --password 'PASSWORD'      #
kargo get projects                                     #
kargo create project day                               # project.kargo.akuity.io/day created
kargo create project day                               ! already exists
kargo config set-project day                           #
kargo config get-project                               # day
kargo config view                                      # REDACTED
kargo apply -f FOLDER -R                               # stage.kargo.akuity.io/prod created
kargo apply -f FOLDER/a-pipeline.yaml -o=name            # stage.kargo.akuity.io/test
kargo create -f FOLDER/a-pipeline.yaml                   ! already exists
kargo get stages                                       # NAME +SHARD +CURRENT FREIGHT +HEALTH +READY +STATUS +AGE
kargo get stage nope                                   ! nope
kargo get warehouses --no-headers                      # ^main
kargo get freight --alias fearless-fox -o jsonpath={.alias} # fearless-fox
kargo get freight --warehouse main                     # Warehouse/main
kargo update freight --old-alias fearless-fox --new-alias release-7 # updated
kargo get freight --alias release-7 -o=name            # freight.kargo.akuity.io/
kargo get freight --alias fearless-fox                 ! fearless-fox
kargo update freight --old-alias release-7 --new-alias fearless-fox # updated
"""
RELEASE = """\
kargo promote --freight-alias fearless-fox --stage test --wait # Succeeded
kargo get promotions --stage test                      # Succeeded
kargo get promos --stage test -o go-template={{range.items}}{{.status.phase}}{{end}} # Succeeded
kargo promote --freight-alias nope --stage test        ! nope
kargo promote --freight-alias fearless-fox             ! --stage
kargo approve --freight-alias fearless-fox --stage prod #
kargo approve --freight-alias fearless-fox --stage nope ! nope
kargo promote --freight-alias fearless-fox --downstream-from test #
kargo promote --warehouse main --stage test --wait     # Succeeded
kargo wait stage test --for freight=spare-fox --timeout 60s # freight=spare-fox
kargo promote --freight-alias fearless-fox --stage test --wait -o jsonpath={.status.phase} # ^Succeeded
kargo promote --abort --name nope                      ! nope
kargo refresh stage test --wait                        # refreshed
kargo refresh warehouse main                           # refreshed
kargo refresh warehouse nope                           ! nope
kargo refresh projectconfig --wait --timeout 60s        # projectconfig.kargo.akuity.io/day refreshed
kargo refresh clusterconfig --wait --timeout 60s        # clusterconfig.kargo.akuity.io/cluster refreshed
kargo get projectconfig                                # ^day +
kargo get clusterconfig                                # ^cluster +
kargo verify stage test                                #
kargo verify stage nope                                ! nope
kargo verify stage test --abort=true                   #
kargo logs nope                                        ! nope
kargo logs nope --metric m                             ! nope
"""
KEPT = """\
kargo create configmap settings --set region=eu --set tier=gold --description said # configmap/settings created
kargo create configmap settings --set region=eu        ! already exists
kargo update configmap settings --set region=us --unset tier # configmap/settings updated
kargo get cm settings -o jsonpath={.data}              # ^{"region":"us"}$
kargo get configmaps                                   # said
kargo create configmap banner --shared --set text=hello # configmap/banner created
kargo get configmaps --shared                          # banner
kargo create configmap inner --system --set a=b        # configmap/inner created
kargo get configmap inner --system                     # inner
kargo create generic-credentials chat --set token=SECRET # secret/chat created
kargo update generic-credentials chat --set more=SECRET # secret/chat updated
kargo get generic-credentials -o yaml                  # REDACTED
kargo create repo-credentials deploy --git --repo-url https://git.example/d.git --username bot --password SECRET # secret/deploy created
kargo create repo-credentials bad --type=git --repo-url https://git.example/d.git ! --username
kargo get repo-creds                                   # deploy +git +false +https://git.example/d.git
kargo update repo-credentials deploy --regex --repo-url ^https://git.example/ --password SECRET # secret/deploy updated
kargo get repo-credentials deploy                      # true +\\^https://git.example/
kargo get repo-credentials nope                        ! nope
kargo delete configmap settings                        # configmap/settings deleted
kargo delete configmap settings                        ! settings
kargo delete configmap banner --shared                 # configmap/banner deleted
kargo delete cm inner --system                         # configmap/inner deleted
kargo delete generic-credentials chat                  # secret/chat deleted
kargo delete repo-credentials deploy                   # secret/deploy deleted
"""
ACCESS = """\
kargo create role deployers --claim groups=a,b --description said # role.rbac.kargo.akuity.io/deployers created
kargo create role deployers                            ! exists already
kargo grant --role deployers --resource-type stages --verb promote --verb get # deployers updated
kargo grant --role deployers --claim email=ann@example.com # deployers updated
kargo grant --role nope --claim email=ann@example.com  ! nope
kargo get role deployers -o json                       # ann@example.com
kargo get role deployers --as-kubernetes-resources     # deployers
kargo revoke --role deployers --claim groups=a         # deployers updated
kargo revoke --role deployers --resource-type stages --verb get # deployers updated
kargo get roles                                        # deployers +true
kargo get roles --system                               # kargo-viewer
"""
TOKENS = """\
kargo create token ci --role deployers                 # secret/ci created
kargo create token ci --role nope                      ! nope
kargo create token short --role deployers --expires-at soon ! expiresAt: 'soon' is no time
kargo create token board --system --role kargo-viewer -o=jsonpath={.data.token} # ^[A-Za-z0-9+/=]+$
kargo get tokens                                       # ci +deployers +true
kargo get token ci -o yaml                             # token: KioqIFJFREFDVEVEICoqKg==
kargo get tokens --role nope                           #
kargo get tokens --system                              # board +kargo-viewer
kargo delete token ci                                  # secret/ci deleted
kargo delete token ci                                  ! ci
kargo delete token board --system                      # secret/board deleted
"""
AFTERNOON = """\
kargo delete role deployers                            # role.rbac.kargo.akuity.io/deployers deleted
kargo delete role deployers                            ! deployers
kargo tokens create mine --ttl 1h                      # towpath_
kargo tokens list                                      # mine
kargo tokens delete mine                               # deleted
kargo tokens delete mine                               ! no token of that name
"""
EVENING = """\
kargo version                                          # Server Version
kargo version --client                                 # Client Version
kargo dashboard --print                                # http://
kargo completion bash                                  # complete
kargo delete freight --alias fearless-fox              ! is in Stage test now
kargo delete stage prod                                # stage.kargo.akuity.io/prod deleted
kargo wait stage prod --for delete --timeout 60s        # gone
kargo apply -f FOLDER                                  # stage.kargo.akuity.io/prod created
kargo delete warehouse nope                            ! nope
kargo delete projectconfig                             # projectconfig.kargo.akuity.io/day deleted
kargo delete projectconfig                             ! (?i)config
kargo delete clusterconfig                             # clusterconfig.kargo.akuity.io/cluster deleted
kargo delete clusterconfig                             ! (?i)config
kargo get clusterconfig                                ! (?i)config
kargo delete freight --alias spare-fox                 # freight.kargo.akuity.io/spare-fox deleted
kargo delete freight --alias spare-fox                 ! spare-fox
kargo delete -f FOLDER/a-pipeline.yaml                   #
kargo delete project day                               # project.kargo.akuity.io/day deleted
kargo delete project nope                              ! nope
kargo logout                                           #
kargo get projects                                     ! towpath login
"""


@pytest.mark.slow
def test_a_days_work(
    call: Callable[..., Told], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each line succeeds or fails as it says, and what is printed is what it says; no secret is printed."""
    folder, server = tmp_path / "manifests" / "deep", tmp_path / "server"
    folder.mkdir(parents=True)
    server.mkdir()
    (folder.parent / "a-pipeline.yaml").write_text(PIPELINE)
    (folder / "freight.yaml").write_text(FREIGHT)
    (folder / "settings.yaml").write_text(SETTINGS)
    monkeypatch.setattr("webbrowser.open", lambda _: False)
    with towpath_process.up(server) as running:
        subprocess.run(
            [*towpath_process.COMMAND, "admin", "password", "--data", running.token_file.parent],
            input=f"{PASSWORD}\n",
            text=True,
            check=True,
            env=towpath_process.environment(server),
        )
        values = {"ADDRESS": running.address, "PASSWORD": PASSWORD, "FOLDER": str(folder.parent)}
        day = MORNING + RELEASE + KEPT + ACCESS + TOKENS + AFTERNOON + EVENING
        wrong = [_typed(line, values, call) for line in day.splitlines()]
    assert [each for each in wrong if each] == []
    log = (server / "log").read_text()
    assert "SECRET" not in log
    assert PASSWORD not in log


def _typed(line: str, values: dict[str, str], call: Callable[..., Told]) -> str:
    found = re.fullmatch(r"kargo (.*?) +([#!]) ?(.*)", line)
    assert found is not None, line
    words, mark, said = found.groups()
    for name, value in values.items():
        words = words.replace(name, value)
    told = call(*shlex.split(words))
    both = told.out + told.err
    is_so = (
        told.code == (1 if mark == "!" else 0)
        and re.search(said, both, re.MULTILINE) is not None
        and (mark == "#" or (told.err and not told.out))
        and not re.search("SECRET|Traceback", both)
    )
    return "" if is_so else f"{line}: {told.code}: {both}"
