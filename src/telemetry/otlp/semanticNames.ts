/**
 * Every name that leaves by OpenTelemetry, in one place. A test compares them with the package of the conventions, which
 * is not bundled: its tables are larger than all that we send.
 */
export const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.45.0';

/** Of the semantic conventions, by the package's constants. */
export const ATTR = {
  ATTR_CICD_PIPELINE_NAME: 'cicd.pipeline.name',
  ATTR_CICD_PIPELINE_RUN_ID: 'cicd.pipeline.run.id',
  ATTR_CICD_PIPELINE_TASK_NAME: 'cicd.pipeline.task.name',
  ATTR_CICD_WORKER_NAME: 'cicd.worker.name',
  ATTR_ERROR_TYPE: 'error.type',
  ATTR_GEN_AI_AGENT_NAME: 'gen_ai.agent.name',
  ATTR_GEN_AI_AGENT_VERSION: 'gen_ai.agent.version',
  ATTR_GEN_AI_CONVERSATION_ID: 'gen_ai.conversation.id',
  ATTR_GEN_AI_OPERATION_NAME: 'gen_ai.operation.name',
  ATTR_GEN_AI_PROVIDER_NAME: 'gen_ai.provider.name',
  ATTR_GEN_AI_TOOL_NAME: 'gen_ai.tool.name',
  ATTR_HOST_ARCH: 'host.arch',
  ATTR_HOST_ID: 'host.id',
  ATTR_LOG_RECORD_UID: 'log.record.uid',
  ATTR_OS_TYPE: 'os.type',
  ATTR_PROCESS_EXIT_CODE: 'process.exit.code',
  ATTR_SERVICE_INSTANCE_ID: 'service.instance.id',
  ATTR_SERVICE_NAME: 'service.name',
  ATTR_SERVICE_VERSION: 'service.version',
  ATTR_SESSION_ID: 'session.id',
  ATTR_VCS_OWNER_NAME: 'vcs.owner.name',
  ATTR_VCS_PROVIDER_NAME: 'vcs.provider.name',
  ATTR_VCS_REF_HEAD_NAME: 'vcs.ref.head.name',
  ATTR_VCS_REF_HEAD_REVISION: 'vcs.ref.head.revision',
  ATTR_VCS_REPOSITORY_NAME: 'vcs.repository.name',
} as const;

export const METRIC = {
  METRIC_PROCESS_CPU_UTILIZATION: 'process.cpu.utilization',
  METRIC_PROCESS_MEMORY_USAGE: 'process.memory.usage',
  METRIC_PROCESS_THREAD_COUNT: 'process.thread.count',
  METRIC_PROCESS_UNIX_FILE_DESCRIPTOR_COUNT: 'process.unix.file_descriptor.count',
  METRIC_PROCESS_UPTIME: 'process.uptime',
} as const;

export const WORD = {
  GEN_AI_OPERATION_NAME_VALUE_EXECUTE_TOOL: 'execute_tool',
  GEN_AI_OPERATION_NAME_VALUE_INVOKE_AGENT: 'invoke_agent',
  GEN_AI_PROVIDER_NAME_VALUE_ANTHROPIC: 'anthropic',
  GEN_AI_PROVIDER_NAME_VALUE_GCP_GEMINI: 'gcp.gemini',
  GEN_AI_PROVIDER_NAME_VALUE_OPENAI: 'openai',
  ERROR_TYPE_VALUE_OTHER: '_OTHER',
} as const;

/** Of the conventions for generative AI, which have a repository of their own and no package yet: with their buckets. */
export const GEN_AI_METRIC = {
  invokeAgent: {
    name: 'gen_ai.invoke_agent.duration',
    bounds: [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 409.6],
  },
  executeTool: {
    name: 'gen_ai.execute_tool.duration',
    bounds: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
  },
} as const;

/** What the conventions have no name for. */
export const OURS = {
  agent: 'session_diagnostics.agent',
  label: 'session_diagnostics.label',
  outcome: 'session_diagnostics.outcome',
  cause: 'session_diagnostics.cause',
  layer: 'session_diagnostics.layer',
  confidence: 'session_diagnostics.confidence',
  evidence: 'session_diagnostics.evidence',
  peakMemory: 'session_diagnostics.peak_memory_bytes',
  peakTreeMemory: 'session_diagnostics.peak_tree_memory_bytes',
  memorySlope: 'session_diagnostics.memory_slope_bytes_per_minute',
  suspectLayer: 'session_diagnostics.suspect.layer',
  suspectConfidence: 'session_diagnostics.suspect.confidence',
  failures: 'session_diagnostics.failures.',
  calls: 'session_diagnostics.calls',
  callStatus: 'session_diagnostics.call.status',
  anomalyKind: 'session_diagnostics.anomaly.kind',
  anomalySeverity: 'session_diagnostics.anomaly.severity',
  anomalyCount: 'session_diagnostics.anomaly.count',
  anomalySeconds: 'session_diagnostics.anomaly.duration_seconds',
  incidentSessions: 'session_diagnostics.incident.sessions',
  treeMemory: 'session_diagnostics.tree.memory.usage',
  treeDescriptors: 'session_diagnostics.tree.open_file_descriptor.count',
  treeProcesses: 'session_diagnostics.tree.process.count',
} as const;

/** Names of log records that are events. */
export const EVENT = {
  anomaly: 'session_diagnostics.anomaly',
  death: 'session_diagnostics.death',
  incident: 'session_diagnostics.incident',
} as const;
