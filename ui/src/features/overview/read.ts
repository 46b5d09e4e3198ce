/** The overview as the server sends it, with its defaults in. */
import type { Move, Trouble, WireCell, WireOverview, WireProject } from "@/shared/api/documents.ts";
import { ROLES, worst, type Role } from "@/shared/state/roles.ts";

export interface Cell {
  readonly stages: number;
  readonly role: Role;
  readonly roles: readonly Role[];
  readonly versions: readonly string[];
  /** How many there are, of which `versions` has the first few. */
  readonly versionCount: number;
  readonly since: number;
  readonly behind: number;
  readonly stage: string;
}

export interface ProjectRow {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly cells: ReadonlyMap<string, Cell>;
  readonly trouble: readonly TroubleLine[];
  readonly worst: Role;
}

export interface TroubleLine {
  readonly project: string;
  readonly stage: string;
  readonly role: Role;
  readonly phase: string;
  readonly message: string;
  readonly since: number;
  /** The Promotion that failed; empty where something else is wrong. */
  readonly promotion: string;
}

export interface MoveLine {
  readonly project: string;
  readonly stage: string;
  readonly freight: string;
  readonly version: string;
  readonly phase: string;
  readonly actor: string;
  readonly created: number;
  readonly finished: number;
  readonly promotion: string;
}

export interface Overview {
  readonly environments: readonly string[];
  readonly projects: readonly ProjectRow[];
  readonly trouble: readonly TroubleLine[];
  readonly moves: readonly MoveLine[];
}

export function readOverview(document: WireOverview): Overview {
  const projects = (document.projects ?? []).map(readProject);
  const trouble = projects
    .flatMap((each) => each.trouble)
    .sort((a, b) => Number(b.role === "fail") - Number(a.role === "fail") || b.since - a.since);
  return { environments: document.envs ?? [], projects, trouble, moves: (document.moves ?? []).map(readMove) };
}

function readProject(wire: WireProject): ProjectRow {
  const cells = new Map(Object.entries(wire.cells ?? {}).map(([env, cell]) => [env, readCell(cell)]));
  return {
    name: wire.name,
    labels: wire.labels ?? {},
    cells,
    trouble: (wire.trouble ?? []).map((each) => readTrouble(wire.name, each)),
    worst: worst([...cells.values()].map((each) => each.role)),
  };
}

export function roleOf(text: string | undefined): Role {
  if (text === undefined) return "ok";
  return (ROLES as readonly string[]).includes(text) ? (text as Role) : "none";
}

function readCell(wire: WireCell): Cell {
  const stages = wire.n ?? 1;
  const role = roleOf(wire.role);
  const counted = Object.entries(wire.roles ?? {}).flatMap(([each, count]) => Array.from({ length: count }, () => roleOf(each)));
  return {
    stages,
    role,
    roles: counted.length > 0 ? counted : Array.from({ length: stages }, () => role),
    versions: wire.ver ?? [],
    versionCount: wire.vers ?? wire.ver?.length ?? 0,
    since: wire.since ?? 0,
    behind: wire.behind ?? 0,
    stage: wire.stage ?? "",
  };
}

function readTrouble(project: string, [stage, role, phase, message, since, promotion]: Trouble): TroubleLine {
  return { project, stage, role: roleOf(role), phase: phase ?? "", message: message ?? "", since: since ?? 0, promotion: promotion ?? "" };
}

function readMove(wire: Move): MoveLine {
  const [project, stage, freight, version, phase, actor, created, finished, promotion] = wire;
  return { project, stage, freight, version, phase, actor, created, finished, promotion };
}
