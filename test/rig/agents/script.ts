import type { ModelStep } from '../scriptedModel.ts';
import type { AgentUnderTest } from './agentsUnderTest.ts';
import type { Labels, Situation, Step } from './situations.ts';

export interface LabelledCall {
  readonly step: ModelStep;
  readonly labels: Labels;
  /** Part of what was asked for, as JSON spells it: a stream that does not hold it does not tell the call. */
  readonly mark: string;
}

/** The calls of a situation in an agent's own tools; what it has no tool for is left out. */
export function callsOf(
  { agent, situation }: { readonly agent: AgentUnderTest; readonly situation: Situation },
  names: Readonly<Record<string, string>>,
): readonly LabelledCall[] {
  const named = (text: string): string => text.replace(/\b(?:URL|CLOSED|OPEN|WORK)\b/g, (word) => names[word] ?? word);
  return situation.steps.flatMap((step): LabelledCall[] => {
    const call = toolCall(agent, step, named);
    if (call === undefined) return [];
    const asked = 'shell' in step ? named(step.shell) : 'wrong' in step ? 'quux_inspect' : JSON.stringify(call.args);
    const mark = JSON.stringify(asked.split(/['"]/)[0]).slice(1, -1);
    return [{ step: { call: call.name, args: call.args }, labels: step.labels, mark }];
  });
}

function toolCall(
  { tools }: AgentUnderTest,
  step: Step,
  named: (text: string) => string,
): { readonly name: string; readonly args: unknown } | undefined {
  if ('read' in step) return tools.read?.(named(`WORK/${step.read}`));
  if ('edit' in step) {
    const [path, old, text] = step.edit;
    return tools.edit?.(named(`WORK/${path}`), old, text);
  }
  if ('shell' in step) {
    const command = named(step.shell);
    return step.limitMs === undefined ? tools.shell(command) : tools.limited?.(command, step.limitMs);
  }
  const { name } = tools.shell('');
  if (step.wrong === 'tool') return { name: 'quux_inspect', args: { at: 1 } };
  return { name, args: step.wrong === 'json' ? '{"command": "ls' : { nope: 1 } };
}

export function scriptOf(calls: readonly LabelledCall[], { ending }: Situation): readonly ModelStep[] {
  const steps = calls.map(({ step }) => step);
  switch (ending.type) {
    case 'status':
      return [...steps, { status: ending.status, message: ending.message, isLasting: true }];
    case 'closed':
      return [...steps, { close: true, isLasting: true }];
    case 'recovers':
      return [{ status: 500 }, ...steps];
    case 'answer':
    case 'gone':
    case 'signal':
      return steps;
  }
}
