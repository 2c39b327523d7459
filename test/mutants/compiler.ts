import { join } from 'node:path';
import type { SourceFile } from 'typescript/unstable/ast';
import { API, type Project } from 'typescript/unstable/sync';

/** What only says that something is left over: whether a test notices that is the question. */
const LEFT_OVER = new Set([6133, 6192, 6196, 6198, 7027]);

export interface Compiler {
  readonly sourceOf: (file: string) => SourceFile;
  /** Whether the file, were this its text, would do so. */
  readonly compiles: (file: string, text: string) => boolean;
  readonly close: () => void;
}

/** TypeScript, asked about single files of the tree below `root`, which it does not write to. */
export function startCompiler(root: string): Compiler {
  const changed = new Map<string, string>();
  const api = new API({ cwd: root, fs: { readFile: (path) => changed.get(path) } });
  const roomOf = (file: string) => join(root, 'src', file.split('/')[1] ?? '', 'tsconfig.json');
  const opened = new Map<string, Project>();

  function projectOf(file: string, changes: readonly string[] = []): Project {
    const config = roomOf(file);
    const known = opened.get(config);
    if (known !== undefined && changes.length === 0) return known;
    const openProjects = known === undefined ? [config] : [];
    const snapshot = api.updateSnapshot({ openProjects, fileChanges: { changed: [...changes] } });
    // A snapshot knows all that was opened; older ones are of no use.
    for (const project of snapshot.getProjects()) opened.set(project.configFileName, project);
    return opened.get(config) ?? fail(`${config} is no project`);
  }

  return {
    sourceOf: (file) => projectOf(file).program.getSourceFile(join(root, file)) ?? fail(`no ${file}`),
    compiles: (file, text) => {
      const path = join(root, file);
      projectOf(file);
      changed.set(path, text);
      const { program } = projectOf(file, [path]);
      const complaints = [...program.getSyntacticDiagnostics(path), ...program.getSemanticDiagnostics(path)];
      changed.delete(path);
      projectOf(file, [path]);
      return complaints.every(({ code }) => LEFT_OVER.has(code));
    },
    close: () => api.close(),
  };
}

function fail(why: string): never {
  throw new Error(why);
}
