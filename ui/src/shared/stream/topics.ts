/** Where the document of a topic is asked for: the names are those of docs/reference/board.md. */
import type { Api } from "../api/client.ts";
import type { WireOverview, WireProject } from "../api/documents.ts";
import type { Document } from "./patching.ts";

export const OVERVIEW = "overview";
export const boardOf = (project: string): string => `board:${project}`;

const MOST_PAGES = 20;

export async function load(api: Api, topic: string, signal: AbortSignal): Promise<Document> {
  const colon = topic.indexOf(":");
  const [kind, name] = colon === -1 ? [topic, ""] : [topic.slice(0, colon), topic.slice(colon + 1)];
  if (kind === OVERVIEW) return await overview(api, signal);
  if (kind === "board") return await api.get<Document>(`towpath/v1/projects/${encodeURIComponent(name)}/board`, signal);
  throw new Error(`there is no topic ${topic}`);
}

/** All pages as one document, true at the revision of the first. */
async function overview(api: Api, signal: AbortSignal): Promise<Document> {
  const first = await api.get<WireOverview>("towpath/v1/overview?limit=200", signal);
  const projects: WireProject[] = [...(first.projects ?? [])];
  let { cursor } = first;
  for (let page = 1; page < MOST_PAGES && cursor !== undefined; page += 1) {
    const next: WireOverview = await api.get(`towpath/v1/overview?limit=200&cursor=${encodeURIComponent(cursor)}`, signal);
    projects.push(...(next.projects ?? []));
    cursor = next.cursor;
  }
  return { ...first, projects };
}
