/** What a page of the panel shows that is told and not drawn: the host makes it, the page lays it out as text. */

export type PageBlock =
  | { readonly type: 'heading'; readonly level: 2 | 3; readonly text: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'list'; readonly items: readonly string[] }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] }
  | { readonly type: 'bars'; readonly bars: readonly PageBar[] }
  | { readonly type: 'details'; readonly summary: string; readonly blocks: readonly PageBlock[] };

export interface PageBar {
  readonly label: string;
  readonly text: string;
  /** 0 to 1. */
  readonly share: number;
  readonly standsOut?: boolean;
}

/** What can be done with a page, beside reading it. */
export const PAGE_ACTIONS = ['save', 'copy', 'issue', 'add', 'refresh'] as const;
export type PageAction = (typeof PAGE_ACTIONS)[number];

export type PageContent =
  | {
      readonly ok: true;
      readonly title: string;
      /** The first sentence, which is the answer. */
      readonly lead: string;
      /** What it is about, for the person at this machine: no part of what can be saved. */
      readonly about?: string;
      readonly blocks: readonly PageBlock[];
      readonly actions: readonly PageAction[];
    }
  | { readonly ok: false; readonly why: string };
