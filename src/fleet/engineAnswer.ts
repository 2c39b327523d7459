/** What an engine says to a question. */
export type Answer =
  | { readonly ok: true; readonly columns: readonly string[]; readonly rows: readonly (readonly Cell[])[] }
  | { readonly ok: false; readonly message: string };

export type Cell = string | number | null;

export function cellOf(value: unknown): Cell {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'string' ? value : null;
}
