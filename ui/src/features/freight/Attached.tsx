import { useState } from "react";
import type { WireAttached } from "@/shared/api/documents.ts";
import { path } from "@/shared/api/paths.ts";
import { useAsked } from "@/shared/api/useAsked.ts";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import { When } from "@/shared/parts/When.tsx";
import page from "@/shared/parts/page.module.css";
import { zoneWords } from "@/shared/time/words.ts";
import { readAttached, type AttachedImage, type Attachment } from "./attached.ts";

export interface AttachedProps {
  readonly project: string;
  readonly freight: string;
  readonly images: number;
}

/** Signatures, bills of materials and attestations of its images: their registries are asked when somebody wants to know. */
export function Attached({ project, freight, images }: AttachedProps) {
  const [isWanted, setWanted] = useState(false);
  const { data, error, retry } = useAsked<WireAttached>(path`towpath/v1/projects/${project}/freight/${freight}/attached`, "", isWanted);
  if (images === 0) return null;
  return (
    <Section title="Attached to its images" note="signatures, bills of materials, attestations">
      <p>
        <button type="button" className={page.button} onClick={() => (isWanted ? retry() : setWanted(true))}>
          {isWanted ? "Ask again" : images === 1 ? "Ask its registry" : "Ask their registries"}
        </button>
      </p>
      {error !== null && <Problem what="What is attached" error={error} retry={retry} />}
      {isWanted && data === undefined && error === null && <Loading what="what is attached" rows={2} />}
      {data !== undefined && (
        <div role="status" className={page.section}>
          {readAttached(data).map((image) => (
            <One key={`${image.name} ${image.digest}`} image={image} />
          ))}
          {data.leftOut > 0 && <p className={page.muted}>and {data.leftOut} more images, which were not asked about</p>}
          <p className={page.note}>Who attached it, and whether it is genuine, has not been verified.</p>
        </div>
      )}
    </Section>
  );
}

function One({ image }: { readonly image: AttachedImage }) {
  return (
    <section aria-label={image.name} className={page.section} data-attached={image.attached.length}>
      <h3>
        {image.name}{" "}
        {image.asked > 0 && (
          <span className={page.kind}>
            as told <When at={image.asked} />
          </span>
        )}
      </h3>
      {image.error !== "" && <p className={page.refused}>It could not be asked about: {image.error}</p>}
      {image.attached.length > 0 && <Attachments of={image.name} attached={image.attached} />}
      {image.said !== "" && <p className={page.muted}>{image.said}</p>}
    </section>
  );
}

function Attachments({ of, attached }: { readonly of: string; readonly attached: readonly Attachment[] }) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls is reached by the keyboard
    <div className={page.box} tabIndex={0} role="region" aria-label={`Attached to ${of}`}>
      <table className={page.table}>
        <thead>
          <tr>
            <th scope="col">Kind</th>
            <th scope="col">What</th>
            <th scope="col">Digest</th>
            <th scope="col">Size</th>
            <th scope="col">Made ({zoneWords(attached[0]?.created)})</th>
          </tr>
        </thead>
        <tbody>
          {attached.map((each, place) => (
            <tr key={place}>
              <td className={page.once}>{each.kind}</td>
              <th scope="row">
                {each.what}
                {each.details.map(([name, text]) => (
                  <p key={name}>
                    <span className={page.muted}>{name}</span> {text}
                  </p>
                ))}
              </th>
              <td className={page.mono} title={each.digest}>
                {each.digest.slice(0, SHORT)}
              </td>
              <td className={page.once}>{each.size || "–"}</td>
              <td className={page.once}>
                <When at={each.created} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The algorithm and twelve digits, as tools of containers show them. */
const SHORT = 19;
