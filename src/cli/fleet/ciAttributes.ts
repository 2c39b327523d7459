import type { JsonRecord } from '../../core/words/json.ts';
import { stringOf } from '../../core/words/json.ts';
import { createRedactor, secretsOfEnvironment } from '../../core/privacy/redact.ts';
import { ATTR, OURS } from '../../telemetry/otlp/semanticNames.ts';
import type { OtlpAttributes } from '../../telemetry/otlp/otlpShape.ts';

/** What else is sent, because the user has named it: `ci`, the pipeline's own names; `label`, the session's. */
export const WITH_VARIABLE = 'SESSION_DIAGNOSTICS_OTLP_WITH';

type Names = Readonly<Partial<Record<keyof typeof ATTR, string>>>;

/** By the variable that says where we are: which of its variables goes by which name. */
const SYSTEMS: readonly (readonly [variable: string, names: Names, provider: string | undefined])[] = [
  [
    'GITHUB_ACTIONS',
    {
      ATTR_CICD_PIPELINE_NAME: 'GITHUB_WORKFLOW',
      ATTR_CICD_PIPELINE_RUN_ID: 'GITHUB_RUN_ID',
      ATTR_CICD_PIPELINE_TASK_NAME: 'GITHUB_JOB',
      ATTR_CICD_WORKER_NAME: 'RUNNER_NAME',
      ATTR_VCS_OWNER_NAME: 'GITHUB_REPOSITORY_OWNER',
      ATTR_VCS_REPOSITORY_NAME: 'GITHUB_REPOSITORY',
      ATTR_VCS_REF_HEAD_NAME: 'GITHUB_REF_NAME',
      ATTR_VCS_REF_HEAD_REVISION: 'GITHUB_SHA',
    },
    'github',
  ],
  [
    'GITLAB_CI',
    {
      ATTR_CICD_PIPELINE_NAME: 'CI_PIPELINE_NAME',
      ATTR_CICD_PIPELINE_RUN_ID: 'CI_PIPELINE_ID',
      ATTR_CICD_PIPELINE_TASK_NAME: 'CI_JOB_NAME',
      ATTR_CICD_WORKER_NAME: 'CI_RUNNER_DESCRIPTION',
      ATTR_VCS_OWNER_NAME: 'CI_PROJECT_NAMESPACE',
      ATTR_VCS_REPOSITORY_NAME: 'CI_PROJECT_NAME',
      ATTR_VCS_REF_HEAD_NAME: 'CI_COMMIT_REF_NAME',
      ATTR_VCS_REF_HEAD_REVISION: 'CI_COMMIT_SHA',
    },
    'gitlab',
  ],
  [
    'JENKINS_URL',
    {
      ATTR_CICD_PIPELINE_NAME: 'JOB_NAME',
      ATTR_CICD_PIPELINE_RUN_ID: 'BUILD_NUMBER',
      ATTR_CICD_PIPELINE_TASK_NAME: 'STAGE_NAME',
      ATTR_CICD_WORKER_NAME: 'NODE_NAME',
      ATTR_VCS_REF_HEAD_NAME: 'GIT_BRANCH',
      ATTR_VCS_REF_HEAD_REVISION: 'GIT_COMMIT',
    },
    undefined,
  ],
];

const MOST_CHARACTERS = 200;

/** Nothing, unless the user has asked for it by the variable. */
export function askedAttributes(env: NodeJS.ProcessEnv, summary: JsonRecord | undefined): OtlpAttributes {
  const asked = (env[WITH_VARIABLE] ?? '').split(/[\s,]+/);
  const redactor = createRedactor({
    identity: { home: '', user: '', host: '', workspace: '' },
    secrets: secretsOfEnvironment(env),
  });
  const clean = (text: string | undefined): string | undefined => {
    const plain = (text ?? '').replaceAll(/[\u0000-\u001f\u007f]/g, '');
    return redactor.credentialsOnly(plain).text.slice(0, MOST_CHARACTERS) || undefined;
  };
  const label = asked.includes('label') ? clean(stringOf(summary?.['label'])) : undefined;
  return {
    ...(asked.includes('ci') && pipelineAttributes(env, clean)),
    ...(label !== undefined && { [OURS.label]: label }),
  };
}

function pipelineAttributes(
  env: NodeJS.ProcessEnv,
  clean: (text: string | undefined) => string | undefined,
): OtlpAttributes {
  const [, names, provider] = SYSTEMS.find(([variable]) => (env[variable] ?? '') !== '') ?? [];
  const found = Object.entries(names ?? {}).flatMap(([key, variable]) => {
    const name = ATTR[key as keyof typeof ATTR]; // the keys of Names
    // GitHub's has the owner before the name.
    const value = clean(variable === 'GITHUB_REPOSITORY' ? env[variable]?.split('/').at(-1) : env[variable]);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(found), ...(provider !== undefined && { [ATTR.ATTR_VCS_PROVIDER_NAME]: provider }) };
}
