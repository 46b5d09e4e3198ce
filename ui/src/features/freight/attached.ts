/** What is attached to the images of a Freight, as its registries tell it: in words, and in the order in which people look for it. */
import type { WireAttached, WireAttachedImage, WireAttachment } from "@/shared/api/documents.ts";
import { seconds } from "@/shared/api/paths.ts";
import { bytes } from "@/shared/sizes.ts";

export interface Attachment {
  /** Signature, bill of materials, attestation, or something else. */
  readonly kind: string;
  /** Format, predicate or media type: the first that is told. */
  readonly what: string;
  readonly digest: string;
  readonly size: string;
  /** Seconds since 1970; 0: not told. */
  readonly created: number;
  /** What else is told of it, each with its name. */
  readonly details: readonly (readonly [name: string, text: string])[];
}

export interface AttachedImage {
  readonly name: string;
  readonly digest: string;
  /** One sentence that stands instead of the list, or below it; empty: there is nothing to add. */
  readonly said: string;
  /** Why its registry could not be asked; empty: it could. */
  readonly error: string;
  readonly asked: number;
  readonly attached: readonly Attachment[];
}

const KINDS: Readonly<Record<string, string>> = { signature: "Signature", sbom: "Bill of materials", attestation: "Attestation", other: "Other" };
const ORDER = Object.keys(KINDS);
const MOST_ANNOTATIONS = 4;
/** Annotations that have a place of their own. */
const TOLD_ELSEWHERE: readonly string[] = ["org.opencontainers.image.created", "predicateType", "in-toto.io/predicate-type", "dev.sigstore.bundle.predicateType"];
/** How it was found, where it was not by the registry's own list. */
const FOUND: Readonly<Record<string, string>> = { tag: "by the tag that stands for the list", cosign: "by a tag of cosign's", index: "in the image's own index" };

export function readAttached(wire: WireAttached): readonly AttachedImage[] {
  return wire.images.map(readImage);
}

function readImage(wire: WireAttachedImage): AttachedImage {
  return {
    name: wire.repoURL + (wire.tag === "" ? "" : `:${wire.tag}`),
    digest: wire.digest,
    said: saidOf(wire),
    error: wire.error,
    asked: seconds(wire.askedAt),
    attached: [...wire.attached].sort((a, b) => place(a.kind) - place(b.kind)).map(readAttachment),
  };
}

const place = (kind: string): number => (ORDER.includes(kind) ? ORDER.indexOf(kind) : ORDER.length);

function saidOf({ by, error, isCut, attached }: WireAttachedImage): string {
  if (error !== "") return "";
  if (by === "nothing") return "Its registry does not tell what is attached: it has neither the referrers API nor the tag in its place.";
  if (isCut) return "There is more, which is not shown.";
  return attached.length === 0 ? "Nothing is attached." : "";
}

function readAttachment(wire: WireAttachment): Attachment {
  const type = wire.artifactType || wire.mediaType;
  const what = wire.format || wire.predicate || type;
  const others = Object.entries(wire.annotations).filter(([key]) => !TOLD_ELSEWHERE.includes(key));
  const named: readonly (readonly [string, string])[] = [
    ["type", type === what ? "" : type],
    ["predicate", wire.predicate === what ? "" : wire.predicate],
    ["found", FOUND[wire.by] ?? ""],
    ...others.slice(0, MOST_ANNOTATIONS),
  ];
  return {
    kind: KINDS[wire.kind] ?? wire.kind,
    what,
    digest: wire.digest,
    size: wire.size > 0 ? bytes(wire.size) : "",
    created: seconds(wire.created),
    details: named.filter(([, text]) => text !== ""),
  };
}
