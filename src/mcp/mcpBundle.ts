export { AGENT_CONFIGS, integrateAgent } from './integrate/integrateAgent.ts';
export { serveMcp } from './serveMcp.ts';
