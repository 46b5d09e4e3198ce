import { useState, type SyntheticEvent } from "react";
import { useMutation } from "@tanstack/react-query";
import { words } from "../api/client.ts";
import { ActButton } from "../parts/ActButton.tsx";
import { Field } from "../parts/Field.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Loading, Problem } from "../parts/Panel.tsx";
import page from "../parts/page.module.css";
import { isSame, shownWords, whereWords, type SavedView, type ViewPlace } from "./read.ts";
import { useOpenView, useViews } from "./useViews.ts";
import styles from "./views.module.css";

const LONGEST = 60;

/** What was saved, and what is shown to be saved. Keys are those of what is in it alone: no letter acts on the page below. */
export function ViewsPanel({ here, onOpened }: { readonly here: ViewPlace; readonly onOpened: () => void }) {
  const { views, error, retry, save, remove } = useViews(true);
  const [name, setName] = useState("");
  const [gone, setGone] = useState<SavedView | null>(null);
  const open = useOpenView();
  const typed = name.trim();
  const saving = useMutation({ mutationFn: save, onSuccess: () => setName(""), gcTime: 0 });
  const removing = useMutation({ mutationFn: async (view: SavedView) => await remove(view.name), onSuccess: (_, view) => setGone(view), gcTime: 0 });
  const failed = saving.error ?? removing.error;
  const isThere = views?.some((each) => each.name === typed) === true;
  const keep = (view: SavedView) => {
    setGone(null);
    removing.reset();
    saving.mutate(view);
  };
  const onSubmit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (typed !== "") keep({ ...here, name: typed });
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className={styles.panel} onKeyDown={(event) => event.stopPropagation()}>
      {error !== null && <Problem what="Your views" error={error} retry={retry} />}
      {views === null && error === null && <Loading what="your views" rows={2} />}
      {views?.length === 0 && <p className={page.muted}>You have saved no view yet. A view is what a page shows: its filters, its order, the Freight of its lens.</p>}
      {views !== null && views.length > 0 && (
        <ul className={styles.list} aria-label="Saved views">
          {views.map((view) => (
            <li key={view.name} className={styles.line}>
              <button
                type="button"
                className={styles.open}
                aria-current={isSame(view, here) || undefined}
                title={shownWords(view)}
                onClick={() => {
                  open(view);
                  onOpened();
                }}
              >
                <span className={styles.name}>{view.name}</span>
                <span className={styles.where}>{whereWords(view)}</span>
              </button>
              <button type="button" className={styles.remove} aria-label={`Delete the view ${view.name}`} onClick={() => removing.mutate(view)}>
                <Icon name="close" size={12} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <form className={styles.form} onSubmit={onSubmit}>
        <Field
          label="Save what is shown as"
          value={name}
          most={LONGEST}
          wrong={/[/\\]/.test(name) ? "A name has no slash" : ""}
          onChange={setName}
        />
        <ActButton look="primary" type="submit" isBusy={saving.isPending}>
          {isThere ? "Replace" : "Save"}
        </ActButton>
      </form>
      {failed !== null && (
        <p role="alert" className={page.refused}>
          {words(failed)}
        </p>
      )}
      <p role="status" className={styles.said}>
        {gone === null ? saving.data !== undefined || saving.isSuccess ? `“${saving.variables.name}” is saved` : "" : `“${gone.name}” is deleted`}
        {gone !== null && (
          <button type="button" className={styles.back} onClick={() => keep(gone)}>
            Put it back
          </button>
        )}
      </p>
    </div>
  );
}
