/** Where the document of a topic is asked for: the names are those of docs/reference/board.md. */
import type { Api } from "../api/client.ts";
import type { WireOverview, WireProject } from "../api/documents.ts";
import { path, query } from "../api/paths.ts";
import type { WireInbox } from "../inbox/read.ts";
import type { Document } from "./patching.ts";

export const OVERVIEW = "overview";
export const INBOX = "inbox";
export const boardOf = (project: string): string => `board:${project}`;

export const promotionOf = (project: string, name: string): string => `promotion:${project}/${name}`;

const MOST_PAGES = 20;

export async function load(api: Api, topic: string, signal: AbortSignal): Promise<Document> {
  const colon = topic.indexOf(":");
  const [kind, name] = colon === -1 ? [topic, ""] : [topic.slice(0, colon), topic.slice(colon + 1)];
  if (kind === OVERVIEW) return await overview(api, signal);
  if (kind === INBOX) return await inbox(api, signal);
  if (kind === "board") return await api.get<Document>(path`towpath/v1/projects/${name}/board`, signal);
  if (kind === "promotion") {
    const [project = "", promotion = ""] = name.split("/");
    return await api.get<Document>(path`towpath/v1/projects/${project}/promotions/${promotion}`, signal);
  }
  throw new Error(`there is no topic ${topic}`);
}

/** All pages as one document, true at the revision of the first. */
async function overview(api: Api, signal: AbortSignal): Promise<Document> {
  const first = await api.get<WireOverview>("towpath/v1/overview?limit=200", signal);
  const projects: WireProject[] = [...(first.projects ?? [])];
  let { cursor } = first;
  for (let page = 1; page < MOST_PAGES && cursor !== undefined; page += 1) {
    const next: WireOverview = await api.get(path`towpath/v1/overview` + query({ limit: 200, cursor }), signal);
    projects.push(...(next.projects ?? []));
    cursor = next.cursor;
  }
  return { ...first, projects };
}

const MOST_INBOX_PAGES = 5;

/** The first pages; its patches say only that there is something new, so that what was asked for when is kept with it. */
async function inbox(api: Api, signal: AbortSignal): Promise<Document> {
  const first = await api.get<WireInbox>("towpath/v1/me/inbox", signal);
  const items = [...(first.items ?? [])];
  let { cursor } = first;
  for (let page = 1; page < MOST_INBOX_PAGES && typeof cursor === "string"; page += 1) {
    const next: WireInbox = await api.get(path`towpath/v1/me/inbox` + query({ cursor }), signal);
    items.push(...(next.items ?? []));
    cursor = next.cursor;
  }
  return { ...first, items, cursor, asked: first.rev };
}
