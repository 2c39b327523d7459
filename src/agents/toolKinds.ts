import type { ToolKind } from '../core/words/vocabulary.ts';

/** The tools of the known agents. A name that is not listed is `other`: names are free text and never leave. */
const KIND_OF: ReadonlyMap<string, ToolKind> = new Map<string, ToolKind>(
  (
    [
      [
        'shell',
        'bash bashoutput killshell killbash taskoutput taskstop shell shell_command exec_command write_stdin local_shell local_shell_call exec_shell task_shell task_shell_start task_shell_wait container.exec unified_exec run_shell_command execute_command run_command run_terminal_cmd run_commands execute write_bash read_bash stop_bash terminal command_execution powershell monitor',
      ],
      [
        'read',
        'read read_file read_many_files view_file view view_image list_dir list_directory ls notebookread list_files cat open_file get_file read_files',
      ],
      [
        'edit',
        'edit multiedit write write_file notebookedit apply_patch replace edit_file create_file str_replace str_replace_editor str_replace_based_edit_tool file_change patch search_replace editor create applypatch',
      ],
      [
        'search',
        'grep glob search grep_files search_file_content find_files file_search codebase_search ripgrep grep_search toolsearch search_codebase',
      ],
      [
        'web',
        'webfetch websearch web_run fetch_url web_fetch web_search google_web_search fetch browser web_search_call web.run fetchurl fetch_web_content',
      ],
      ['mcp', 'mcp mcp_tool_call readmcpresourcetool listmcpresourcestool read_mcp_resource list_mcp_resources'],
      [
        'subagent',
        'task agent spawn_agent subagent delegate collab_tool_call wait_agent send_input close_agent codebase_investigator team_spawn_teammate',
      ],
    ] as const
  ).flatMap(([kind, names]) => names.split(' ').map((name): [string, ToolKind] => [name, kind])),
);

export function toolKindOf(name: unknown): ToolKind {
  if (typeof name !== 'string') return 'other';
  if (name.startsWith('mcp__')) return 'mcp';
  return KIND_OF.get(name.slice(0, 64).toLowerCase()) ?? 'other';
}
