export { AGENT_CONFIGS, integrateAgent } from './integrate/integrateAgent.ts';
export { askTool, serveMcp, TOOLS } from './serveMcp.ts';
