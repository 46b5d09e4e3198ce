/** What a new object begins with: the shortest that works, with comments for what is to be chosen. */
const KARGO = "apiVersion: kargo.akuity.io/v1alpha1";

export const NEW_KINDS = ["Warehouse", "Stage", "PromotionTask", "AnalysisTemplate", "ConfigMap", "MessageChannel", "EventRouter", "StageHook"] as const;

const TEMPLATES: Readonly<Record<string, (project: string) => string>> = {
  project: () => `${KARGO}
kind: Project
metadata:
  name: my-project # small letters, digits and dashes; it cannot be changed afterwards
  annotations:
    kargo.akuity.io/description: What it is about
`,
  warehouse: (project) => `${KARGO}
kind: Warehouse
metadata:
  name: my-warehouse
  namespace: ${project}
spec:
  interval: 5m
  # Automatic makes Freight of what is newest; with Manual somebody puts it together
  freightCreationPolicy: Automatic
  subscriptions:
  - image:
      repoURL: registry.example.com/my/app
      imageSelectionStrategy: SemVer
      constraint: ^1.0.0
`,
  stage: (project) => `${KARGO}
kind: Stage
metadata:
  name: my-stage
  namespace: ${project}
  labels:
    towpath.dev/environment: test # the column of the board
spec:
  requestedFreight:
  - origin:
      kind: Warehouse
      name: my-warehouse
    sources:
      direct: true # or the Stages that it comes from: stages: [test]
  promotionTemplate:
    spec:
      steps:
      - uses: git-clone
        config:
          repoURL: https://git.example.com/my/deploy.git
          checkout:
          - branch: main
            path: ./src
      - uses: yaml-update
        config:
          path: ./src/test/values.yaml
          updates:
          - key: image.tag
            value: \${{ imageFrom("registry.example.com/my/app").Tag }}
      - uses: git-commit
        config:
          path: ./src
          message: Update test
      - uses: git-push
        config:
          path: ./src
`,
  promotiontask: (project) => `${KARGO}
kind: PromotionTask
metadata:
  name: my-task
  namespace: ${project}
spec:
  vars:
  - name: path
  steps:
  - uses: git-commit
    config:
      path: \${{ vars.path }}
      message: Update
  - uses: git-push
    config:
      path: \${{ vars.path }}
`,
  analysistemplate: (project) => `apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata:
  name: my-analysis
  namespace: ${project}
spec:
  metrics:
  - name: answers
    count: 3
    interval: 10s
    successCondition: result.status == "ok"
    provider:
      web:
        url: https://app.example.com/health
`,
  configmap: (project) => `apiVersion: v1
kind: ConfigMap
metadata:
  name: my-config
  namespace: ${project}
data:
  key: value
`,
  messagechannel: (project) => `apiVersion: ee.kargo.akuity.io/v1alpha1
kind: MessageChannel
metadata:
  name: my-channel
  namespace: ${project}
spec:
  slack:
    channelID: C0123456789
  secretRef:
    name: my-slack # a generic credential with the key apiKey
`,
  eventrouter: (project) => `apiVersion: ee.kargo.akuity.io/v1alpha1
kind: EventRouter
metadata:
  name: my-router
  namespace: ${project}
spec:
  types:
  - PromotionFailed
  channels:
  - name: my-channel
    kind: MessageChannel
`,
  stagehook: (project) => `apiVersion: towpath.dev/v1alpha1
kind: StageHook
metadata:
  name: my-hook
  namespace: ${project}
spec:
  stageSelector:
    name: prod
  events:
  - promotion-succeeded
  steps:
  - uses: http
    config:
      url: https://hooks.example.com/released
      method: POST
`,
};

/** The text of a new object of a kind; empty for a kind that has none. */
export const templateOf = (kind: string, project: string): string => TEMPLATES[kind.toLowerCase()]?.(project) ?? "";
