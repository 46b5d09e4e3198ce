import { useState } from "react";
import { ApiError } from "@/shared/api/client.ts";
import { ActButton } from "@/shared/parts/ActButton.tsx";
import { CloseButton } from "@/shared/parts/CloseButton.tsx";
import { Confirm } from "@/shared/parts/Confirm.tsx";
import { CopyText } from "@/shared/parts/CopyText.tsx";
import { Field } from "@/shared/parts/Field.tsx";
import { Guarded } from "@/shared/parts/Guarded.tsx";
import { HoldToConfirm } from "@/shared/parts/HoldToConfirm.tsx";
import { Links } from "@/shared/parts/Links.tsx";
import { MakeForm } from "@/shared/parts/MakeForm.tsx";
import { Empty, Loading, Problem } from "@/shared/parts/Panel.tsx";
import { PromotionLink } from "@/shared/parts/PromotionLink.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import { Sheet } from "@/shared/parts/Sheet.tsx";
import { ShownOnce } from "@/shared/parts/ShownOnce.tsx";
import { useNow } from "@/shared/services.ts";
import { Lifetime } from "@/shared/tokens/Lifetime.tsx";
import { NewToken } from "@/shared/tokens/NewToken.tsx";
import { TokenList } from "@/shared/tokens/TokenList.tsx";
import { TokenTable } from "@/shared/tokens/TokenTable.tsx";
import { SavedViews } from "@/shared/views/SavedViews.tsx";
import { ViewsPanel } from "@/shared/views/ViewsPanel.tsx";
import { placeOf } from "@/shared/views/read.ts";
import { PROJECT, STAGE, tokens } from "./samples.ts";
import styles from "./components.module.css";
import { Sample, done, nothing, refused } from "./Sample.tsx";

const NO_RIGHT = "You need the right to delete stages in shop.";
const HERE = placeOf("board", PROJECT, { q: "prod" });

/** Buttons, fields, panels, and what asks twice. */
export function Parts() {
  const now = useNow(60);
  const [text, setText] = useState("web");
  const [days, setDays] = useState(30);
  return (
    <>
      <Sample name="ActButton" isRow>
        <ActButton>A button</ActButton>
        <ActButton look="primary">The main one</ActButton>
        <ActButton look="danger">One that takes away</ActButton>
        <ActButton isBusy>Under way</ActButton>
        <ActButton why={NO_RIGHT}>Delete</ActButton>
      </Sample>
      <Sample name="Confirm" isRow>
        <Confirm label="Revoke" confirm="Revoke ci" what="Whoever uses it is refused from the next request on." run={done} />
        <Confirm label="Delete" confirm="Delete prod" what="Stage prod is deleted for everybody." typed="prod" run={done} />
        <Confirm label="Delete what changed" confirm="Delete it" what="The server refuses this one." run={refused} />
        <Confirm label="Delete" confirm="Delete prod" what="" why={NO_RIGHT} run={done} />
      </Sample>
      <Sample name="HoldToConfirm" isRow>
        <p>Drawn on phones alone.</p>
        <HoldToConfirm label="Promote to prod" isOff={false} onConfirm={nothing} />
        <HoldToConfirm label="Promote to prod" isOff onConfirm={nothing} />
      </Sample>
      <Sample name="CloseButton">
        <CloseButton onClose={nothing} />
      </Sample>
      <Sample name="Field">
        <Field label="Name" hint="Lower case, no spaces" value={text} onChange={setText} />
        <Field label="Name, required" isRequired value="" onChange={nothing} placeholder="web" />
        <Field label="Name, wrong" value="Web!" onChange={nothing} wrong="has a capital letter" />
        <Field label="Name, off" value="web" onChange={nothing} isOff />
        <Field label="A secret" type="password" value="secret" onChange={nothing} />
        <Field label="Several lines" rows={3} value={"one\ntwo"} onChange={nothing} />
      </Sample>
      <Sample name="CopyText">
        <CopyText text="towpath promote --freight-alias calm-otter --stage prod" label="the command" />
      </Sample>
      <Sample name="ShownOnce">
        <ShownOnce token="twp_not-a-token" name="ci" onClose={nothing} />
      </Sample>
      <Sample name="MakeForm">
        <MakeForm label="A form" button="Make it" make={() => Promise.resolve(text)} onMade={nothing} shown={(made, putAway) => <ShownOnce token="twp_not-a-token" name={made} onClose={putAway} />}>
          <Field label="Name of it" value={text} onChange={setText} />
        </MakeForm>
        <MakeForm label="One in a row, which the server refuses" button="Make it" isRow make={refused} onMade={nothing}>
          <Field label="Name of another" value={text} onChange={setText} />
        </MakeForm>
        <MakeForm label="Of somebody who may not" button="Make it" why={NO_RIGHT} make={done} onMade={nothing}>
          <Field label="Name, off as well" value={text} onChange={nothing} isOff />
        </MakeForm>
      </Sample>
      <Sample name="NewToken">
        <NewToken draft="form:sample-token" days={30} offered={[1, 30, 0]} isDescribed make={({ name }) => Promise.resolve({ name, token: "twp_not-a-token" })} onMade={nothing} />
        <NewToken draft="form:sample-token-off" days={30} offered={[1, 30]} why={NO_RIGHT} make={refused} onMade={nothing} />
      </Sample>
      <Sample name="TokenList">
        <TokenList label="Tokens that there are" empty="There is no token" tokens={tokens(now)} error={null} retry={nothing} why="" revoke={done} />
        <TokenList label="Tokens, none" empty="There is no token" tokens={[]} error={null} retry={nothing} why="" revoke={done} />
        <TokenList label="Tokens that did not come" empty="" tokens={undefined} error={new ApiError(503, "the database is away", "4f2a9c")} retry={nothing} why="" revoke={done} />
      </Sample>
      <Sample name="TokenTable">
        <TokenTable label="Tokens" tokens={tokens(now)} why="" revoke={done} />
        <TokenTable label="Tokens of others" tokens={tokens(now).slice(0, 1)} why={NO_RIGHT} revoke={done} />
      </Sample>
      <Sample name="Lifetime">
        <Lifetime days={days} offered={[1, 30, 0]} onChange={setDays} />
      </Sample>
      <Sample name="SavedViews" isRow>
        <SavedViews here={HERE} />
      </Sample>
      <Sample name="ViewsPanel">
        <ViewsPanel here={HERE} onOpened={nothing} />
      </Sample>
      <Sample name="Links" isRow>
        <Links project={PROJECT} of="stages" name={STAGE} />
      </Sample>
      <Sample name="PromotionLink">
        <PromotionLink project={PROJECT} promotion="prod.01">
          prod.01
        </PromotionLink>
      </Sample>
      <Sample name="Section">
        <Section title="A part of a page" note="3">
          <p>What is in it.</p>
        </Section>
        <Section title="An empty one" note="Nothing yet" />
      </Sample>
      <Sample name="Sheet">
        <div className={styles.framed}>
          <Sheet title="Promote" name="sample" onClose={nothing}>
            <p>What it is about.</p>
          </Sheet>
        </div>
      </Sample>
      <Sample name="Loading">
        <Loading what="500 Stages" />
      </Sample>
      <Sample name="Empty">
        <Empty title="Nothing waits for you">
          <p>Approvals and failed moves of yours show here.</p>
        </Empty>
      </Sample>
      <Sample name="Problem">
        <Problem what="The board" error={new ApiError(503, "the database is away", "4f2a9c")} retry={nothing} age={42} />
        <Problem what="The board" error={new ApiError(403, 'User "email:jo@example.com" may not get stages in shop', "4f2a9d")} retry={nothing} />
        <Problem what="The board" error={new TypeError("Failed to fetch")} retry={nothing} />
      </Sample>
      <Sample name="Guarded">
        <Guarded instead={() => null}>What stands in one is drawn as it is.</Guarded>
        <Guarded instead={() => <p>Where it cannot be drawn, this stands instead.</p>}>
          <Broken />
        </Guarded>
      </Sample>
    </>
  );
}

function Broken(): never {
  throw new Error("it cannot be drawn");
}
