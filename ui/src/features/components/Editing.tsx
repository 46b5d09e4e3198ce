import { useMemo, useState } from "react";
import { DiffView } from "@/shared/diff/DiffView.tsx";
import { configOf } from "@/shared/manifest/configs.ts";
import { Conflict } from "@/shared/manifest/Conflict.tsx";
import { Editor } from "@/shared/manifest/Editor.tsx";
import { textAt, type Fields } from "@/shared/manifest/fields.ts";
import { ListForm } from "@/shared/manifest/ListForm.tsx";
import { ManifestForm } from "@/shared/manifest/ManifestForm.tsx";
import { Review } from "@/shared/manifest/Review.tsx";
import { Field } from "@/shared/parts/Field.tsx";
import type { Manifest } from "@/shared/manifest/useManifest.ts";
import { PATCH, PROJECT } from "./samples.ts";
import { Sample, done, nothing } from "./Sample.tsx";

const BEFORE = "spec:\n  replicas: 3\n";
const MINE = "spec:\n  replicas: 4\n";
const THEIRS = "spec:\n  replicas: 3\n  region: eu\n";

/** What objects are edited with: text, form, review, and what two people did at once. */
export function Editing() {
  const [text, setText] = useState("apiVersion: kargo.akuity.io/v1alpha1\nkind: Stage\nspec:\n  vars: [\n");
  const config = useMemo(() => configOf(PROJECT), []);
  return (
    <>
      <Sample name="DiffView">
        <DiffView patch={PATCH} label="One column" isSplit={false} />
        <DiffView patch={PATCH} label="Two columns" isSplit />
      </Sample>
      <Sample name="Editor">
        <Editor label="YAML, with an error" text={text} onChange={setText} marks={[{ line: 4, message: "the list is not closed" }]} isReadOnly={false} onConfirm={nothing} />
        <Editor label="YAML, to read" text={BEFORE} onChange={nothing} marks={[]} isReadOnly onConfirm={nothing} />
      </Sample>
      <Sample name="ListForm">
        <ListForm {...LIST} fields={fieldsOf(["prod-eu", "prod-us"])} isOrdered>
          {(path, place) => <Field label={`Region ${place + 1}`} value={textAt({ spec: { regions: ["prod-eu", "prod-us"] } }, path)} onChange={nothing} />}
        </ListForm>
        <ListForm {...LIST} title="Regions, none yet" fields={fieldsOf([])}>
          {() => null}
        </ListForm>
      </Sample>
      <Sample name="ManifestForm">
        {config !== null && <ManifestForm subject={config} form={(fields) => <Field label="The only policy is of Stage" value={textAt(fields.value, ["spec", "promotionPolicies", 0, "stage"])} onChange={(to) => fields.set(["spec", "promotionPolicies", 0, "stage"], to)} />} />}
      </Sample>
      <Sample name="Review">
        <Review reviewed={{ text: MINE, before: BEFORE, after: MINE, warnings: ["spec.replicas: more than there is room for"] }} />
        <Review reviewed={{ text: BEFORE, before: BEFORE, after: BEFORE, warnings: [] }} />
        <Review reviewed={{ text: BEFORE, before: "", after: BEFORE, warnings: [] }} />
      </Sample>
      <Sample name="Conflict">
        <Conflict manifest={{ ...EDITED, theirs: { text: THEIRS, revision: "8" }, together: "spec:\n  replicas: 4\n  region: eu\n" }} />
        <Conflict manifest={{ ...EDITED, theirs: { text: "spec:\n  replicas: 5\n", revision: "8" } }} />
        <Conflict manifest={{ ...EDITED, theirs: { text: "", revision: "" } }} />
      </Sample>
    </>
  );
}

const LIST = { path: ["spec", "regions"], one: "region", title: "Regions", empty: "There is none.", make: () => "" } as const;

const fieldsOf = (regions: readonly string[]): Fields => ({ value: { spec: { regions } }, object: null, set: nothing, wrong: () => "", isOff: false });

const EDITED: Manifest = {
  object: {},
  error: null,
  retry: nothing,
  text: MINE,
  isChanged: true,
  isTyped: true,
  isRestored: false,
  change: nothing,
  discard: nothing,
  theirs: null,
  base: { text: BEFORE, revision: "7" },
  together: null,
  rebase: nothing,
  review: done,
  reviewed: null,
  save: () => Promise.resolve(true),
  isBusy: false,
  isSaved: false,
  refused: null,
};
