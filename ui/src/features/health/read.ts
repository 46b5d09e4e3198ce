/** How controllers, connections and sources fare, in words. */
import type { WireOverview } from "@/shared/api/documents.ts";
import { seconds } from "@/shared/api/paths.ts";
import type { Meaning } from "@/shared/state/roles.ts";

export interface WireHeartbeats {
  readonly heartbeats?: Readonly<Record<string, { readonly status?: string; readonly timestamp?: string }>>;
}

export interface WireConnections {
  readonly items?: readonly {
    readonly name: string;
    readonly by?: string;
    readonly state?: string;
    readonly since?: string;
    readonly error?: string;
    readonly latencyMilliseconds?: number | null;
    readonly lastEvent?: string | null;
    readonly applications?: number;
    readonly unreadable?: readonly unknown[];
    readonly leftOut?: number;
  }[];
}

export interface Heartbeat {
  readonly name: string;
  readonly meaning: Meaning;
  readonly at: number;
}

export function readHeartbeats(wire: WireHeartbeats): readonly Heartbeat[] {
  return Object.entries(wire.heartbeats ?? {}).map(([name, { status = "Unknown", timestamp }]) => ({
    name,
    meaning: status === "Alive" ? { role: "ok", word: "Alive" } : { role: status === "Dead" ? "fail" : "none", word: status },
    at: seconds(timestamp),
  }));
}

export interface Connection {
  readonly name: string;
  readonly meaning: Meaning;
  readonly words: string;
  readonly since: number;
  readonly lastEvent: number;
  readonly error: string;
}

export function readConnections(wire: WireConnections): readonly Connection[] {
  return (wire.items ?? []).map((each) => {
    const state = each.state ?? "Unknown";
    const unreadable = (each.unreadable ?? []).length;
    return {
      name: each.name,
      meaning: { role: state === "Connected" ? "ok" : each.error === undefined || each.error === "" ? "wait" : "fail", word: state },
      words: [
        each.by === undefined ? "" : `by ${each.by}`,
        `${each.applications ?? 0} ${each.applications === 1 ? "Application" : "Applications"}`,
        unreadable > 0 ? `${unreadable} cannot be read` : "",
        typeof each.latencyMilliseconds === "number" ? `answers in ${each.latencyMilliseconds} ms` : "",
      ]
        .filter(Boolean)
        .join(", "),
      since: seconds(each.since),
      lastEvent: seconds(each.lastEvent),
      error: each.error ?? "",
    };
  });
}

/** The Warehouses that cannot look, of all Projects that the caller may see. */
export function sourcesIn(overview: WireOverview): readonly { readonly project: string; readonly warehouse: string; readonly message: string }[] {
  return (overview.projects ?? []).flatMap((project) =>
    (project.trouble ?? []).flatMap(([name, , , message]) => (name.startsWith("warehouse/") ? [{ project: project.name, warehouse: name.slice("warehouse/".length), message: message ?? "" }] : [])),
  );
}
