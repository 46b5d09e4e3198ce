import { useState } from "react";
import { useNavigate } from "@tanstack/react-router";
import { words } from "@/shared/api/client.ts";
import { path } from "@/shared/api/paths.ts";
import { useMoving } from "@/shared/moves/address.ts";
import type { PromotionInfo } from "@/shared/promotions/read.ts";
import { useLiveness, useServices } from "@/shared/services.ts";
import styles from "./promotion.module.css";

export interface ButtonsProps {
  readonly project: string;
  readonly promotion: PromotionInfo;
  /** The step that failed; empty where none did. */
  readonly failed: string;
}

/** Abort while it goes on; afterwards try it again, promote the same again, or put back what was there. */
export function Buttons({ project, promotion, failed }: ButtonsProps) {
  const { api } = useServices();
  const { mayAct } = useLiveness();
  const moving = useMoving();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<"abort" | "retry" | null>(null);
  const [isSending, setSending] = useState(false);
  const [error, setError] = useState("");
  const act = async (what: () => Promise<void>) => {
    setSending(true);
    setError("");
    try {
      await what();
      setAsked(null);
    } catch (wrong) {
      setError(words(wrong));
    } finally {
      setSending(false);
    }
  };
  const abort = () => act(async () => {
      await api.send("POST", path`v1beta1/projects/${project}/promotions/${promotion.name}/abort`, {});
    });
  const retry = () =>
    act(async () => {
      const made = (await api.send("POST", path`towpath/v1/projects/${project}/promotions/${promotion.name}/retry`, failed === "" ? {} : { fromStep: failed })) as { metadata: { name: string } };
      await navigate({ to: "/p/$project/promotion/$id", params: { project, id: made.metadata.name } });
    });
  const why = mayAct ? undefined : "What is shown may be out of date";
  const isOff = !mayAct || isSending;
  if (asked !== null) {
    const text = asked === "abort" ? `Abort the Promotion to ${promotion.stage}` : `Try again from ${failed || "the step that failed"}`;
    return (
      <div className={styles.buttons} role="group" aria-label={text}>
        <span>{asked === "abort" ? "What its steps have done stays done." : "Steps before it are not run again."}</span>
        <button type="button" className={styles.button} onClick={() => setAsked(null)}>
          Leave it
        </button>
        <button type="button" className={asked === "abort" ? styles.danger : styles.confirm} disabled={isOff} title={why} onClick={() => void (asked === "abort" ? abort() : retry())}>
          {isSending ? "Sending" : text}
        </button>
        {error !== "" && <p className={styles.error} role="alert">{error}</p>}
      </div>
    );
  }
  return (
    <div className={styles.buttons}>
      {!promotion.isOver && (
        <button type="button" className={styles.button} disabled={isOff} title={why} onClick={() => setAsked("abort")}>
          Abort
        </button>
      )}
      {promotion.isOver && promotion.phase !== "Succeeded" && (
        <button type="button" className={styles.button} disabled={isOff} title={why} onClick={() => setAsked("retry")}>
          Retry from {failed || "here"}
        </button>
      )}
      {promotion.isOver && (
        <button type="button" className={styles.button} disabled={isOff} title={why} onClick={() => moving.open("promote", [promotion.stage], promotion.freight)}>
          Promote again
        </button>
      )}
      <button type="button" className={styles.button} disabled={isOff} title={why} onClick={() => moving.open("rollback", [promotion.stage])}>
        Roll back {promotion.stage}
      </button>
    </div>
  );
}
