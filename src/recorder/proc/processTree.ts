/** What membership is decided on. Group and session ids are `undefined` on platforms without them. */
export interface ProcessRow {
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number | undefined;
  readonly sid: number | undefined;
  readonly startTicks: number;
  readonly comm: string;
}

export interface ProcessSource<Row extends ProcessRow> {
  listPids(): readonly number[];
  /** A fresh reading; `undefined` when there is no such process any more. */
  read(pid: number): Row | undefined;
  /** One that is good enough to tell a stranger by; what is admitted is read afresh. */
  glance?(pid: number): Row | undefined;
  /** Whether the process inherited this session's environment: the only trace a daemon leaves that forked twice. */
  carriesMark(pid: number): boolean;
  admitted(pid: number): void;
  dropped(pid: number): void;
}

export interface Member<Row extends ProcessRow> {
  row: Row;
  /** Its parent when first seen: the parent it has now may be init. */
  readonly origin: { readonly pid: number; readonly comm: string | undefined };
}

/** A process judged foreign stays so without another reading, for this long: it could have lent its pid to one of ours. */
const FOREIGN_FOR_MS = 60_000;

/**
 * The processes of one session. A member stays one while its pid and start time match, wherever it is re-parented;
 * new processes join as children of members, or because they are in a session or group that a member leads, or
 * because they carry the session's mark.
 *
 * One scan of /proc finds all of these. It reads only pids it has not judged before, so that it costs 50 µs for 140
 * processes; walking /proc/<pid>/task/<tid>/children costs 5 µs to 9 µs a member and never finds the re-parented.
 */
export class ProcessTree<Row extends ProcessRow> {
  readonly #source: ProcessSource<Row>;
  readonly #rootPid: number;
  readonly #excludedPid: number;
  /** Start times by pid. */
  readonly #otherRoots: ReadonlyMap<number, number>;
  readonly #members = new Map<number, Member<Row>>();
  #rootStartTicks: number | undefined;
  #foreign = new Set<number>();
  #foreignSinceMs = Number.NEGATIVE_INFINITY;
  /** Session and group ids led by a member, while a member was last seen in them: their numbers cannot be reused. */
  #ledIds = new Set<number>();

  constructor(source: ProcessSource<Row>, options: TreeOptions) {
    this.#source = source;
    this.#rootPid = options.rootPid;
    this.#rootStartTicks = options.rootStartTicks;
    this.#excludedPid = options.excludedPid;
    this.#otherRoots = new Map(
      options.otherRootPids.flatMap((pid) => {
        const row = source.read(pid);
        return row === undefined ? [] : [[pid, row.startTicks] as const];
      }),
    );
  }

  get members(): ReadonlyMap<number, Member<Row>> {
    return this.#members;
  }

  /** The process the session began with, while it lives. */
  get root(): Row | undefined {
    const row = this.#members.get(this.#rootPid)?.row;
    return row?.startTicks === this.#rootStartTicks ? row : undefined;
  }

  update(nowMs: number): void {
    this.#refreshMembers();
    const unknown = this.#unknownProcesses(nowMs);
    this.#disownReusedIds(unknown);
    const strangers = this.#admitRelated(unknown);
    for (const row of strangers) this.#foreign.add(row.pid);
    this.#rememberLedIds();
  }

  #refreshMembers(): void {
    for (const [pid, member] of this.#members) {
      const row = this.#source.read(pid);
      if (row !== undefined && row.startTicks === member.row.startTicks) {
        member.row = row;
      } else {
        this.#members.delete(pid);
        this.#source.dropped(pid);
      }
    }
  }

  #unknownProcesses(nowMs: number): readonly Row[] {
    const foreign = new Set<number>();
    const unknown: Row[] = [];
    const isForgetting = nowMs - this.#foreignSinceMs >= FOREIGN_FOR_MS;
    if (isForgetting) this.#foreignSinceMs = nowMs;
    for (const pid of this.#source.listPids()) {
      if (this.#members.has(pid) || pid === this.#excludedPid) continue;
      if (!isForgetting && this.#foreign.has(pid)) {
        foreign.add(pid);
        continue;
      }
      const row = this.#source.glance === undefined ? this.#source.read(pid) : this.#source.glance(pid);
      if (row !== undefined) unknown.push(row);
    }
    this.#foreign = foreign;
    return unknown;
  }

  /** A new leader of a session or group of ours that is no child of ours got the number by reuse, after the last look. */
  #disownReusedIds(unknown: readonly Row[]): void {
    for (const row of unknown) {
      if (this.#ledIds.has(row.pid) && !this.#isChildOfMember(row)) this.#ledIds.delete(row.pid);
    }
  }

  /** Admits until nothing more is found: a child may be listed before its parent. Returns who is left. */
  #admitRelated(unknown: readonly Row[]): readonly Row[] {
    let left = unknown;
    for (;;) {
      const strangers = left.filter((row) => !this.#isOurs(row) || !this.#admit(row));
      if (strangers.length === left.length || strangers.length === 0) return strangers;
      left = strangers;
    }
  }

  #isOurs(row: Row): boolean {
    if (row.pid === this.#rootPid) return row.startTicks === (this.#rootStartTicks ??= row.startTicks);
    if (this.#otherRoots.get(row.pid) === row.startTicks) return true;
    if (this.#rootStartTicks === undefined || row.startTicks < this.#oldestRootTicks(this.#rootStartTicks))
      return false;
    return this.#isChildOfMember(row) || this.#isInLedGroup(row) || this.#source.carriesMark(row.pid);
  }

  #oldestRootTicks(rootStartTicks: number): number {
    return Math.min(rootStartTicks, ...this.#otherRoots.values());
  }

  #isChildOfMember(row: Row): boolean {
    const parent = this.#members.get(row.ppid);
    return parent !== undefined && row.startTicks >= parent.row.startTicks;
  }

  #isInLedGroup({ pid, sid, pgid }: Row): boolean {
    return (
      (sid !== undefined && sid !== pid && this.#ledIds.has(sid)) ||
      (pgid !== undefined && pgid !== pid && this.#ledIds.has(pgid))
    );
  }

  #admit(seen: Row): boolean {
    const row = this.#source.glance === undefined ? seen : this.#source.read(seen.pid);
    if (row?.startTicks !== seen.startTicks) return false;
    this.#members.set(row.pid, { row, origin: { pid: row.ppid, comm: this.#members.get(row.ppid)?.row.comm } });
    this.#source.admitted(row.pid);
    if (row.sid === row.pid || row.pgid === row.pid) this.#ledIds.add(row.pid);
    return true;
  }

  #rememberLedIds(): void {
    const ledIds = new Set<number>();
    for (const { row } of this.#members.values()) {
      for (const id of [row.sid, row.pgid]) {
        if (id !== undefined && (this.#ledIds.has(id) || this.#members.has(id))) ledIds.add(id);
      }
    }
    this.#ledIds = ledIds;
  }
}

export interface TreeOptions {
  readonly rootPid: number;
  /** When known beforehand: a process of that pid with another start time is not the root. */
  readonly rootStartTicks: number | undefined;
  /** The recorder, which is never part of what it records. */
  readonly excludedPid: number;
  /** What belongs to the session beside the root, whoever started it: the other panes of a terminal. */
  readonly otherRootPids: readonly number[];
}
