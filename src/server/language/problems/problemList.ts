import type { Problem } from './problem.ts';

/** Nobody reads more, and editors get slow. */
const MOST = 500;

/** The problems of one file, in its order, as many as are worth showing. */
export class ProblemList {
  readonly #problems: Problem[] = [];
  #hidden = 0;

  add(problem: Problem): void {
    if (this.#problems.length < MOST) this.#problems.push(problem);
    else this.#hidden += 1;
  }

  addAll(problems: readonly Problem[]): void {
    for (const problem of problems) this.add(problem);
  }

  all(): readonly Problem[] {
    const inOrder = this.#problems.toSorted((a, b) => a.line - b.line);
    if (this.#hidden === 0) return inOrder;
    const message = `${this.#hidden} more problems of this file are not shown.`;
    return [...inOrder, { line: inOrder.at(-1)?.line ?? 0, severity: 'info', code: 'other', message }];
  }
}
