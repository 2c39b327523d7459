/** The editor's commands by the names of package.json, which a test compares with this table. */
export const PALETTE_COMMANDS = [
  'openPanel',
  'runSession',
  'attach',
  'watchAgents',
  'stopSession',
  'exportReport',
  'askAgent',
  'analyzeLog',
  'findOutWhy',
  'showOnTimeline',
  'open',
  'compareSessions',
  'moreActions',
  'runAgain',
  'openTranscript',
  'copyVerdict',
  'copyLink',
  'deleteSession',
  'openLogFolder',
  'openOutput',
  'cleanUpLeftovers',
  'linkTranscript',
  'showTrend',
  'showPatterns',
  'filterSessions',
  'clearSessionFilter',
  'refreshSessions',
  'restartServer',
  'installCommand',
  'openSchema',
  'openSettings',
  'showLog',
] as const;
/** Of rows and buttons alone: nobody can call them without what they are about. */
export const ROW_COMMANDS = ['showIncident', 'showMoreSessions'] as const;

export type CommandName = (typeof PALETTE_COMMANDS)[number] | (typeof ROW_COMMANDS)[number];

export function commandId(name: CommandName): string {
  return `sessionDiagnostics.${name}`;
}
