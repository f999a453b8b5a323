/** One stage of `npm test`. */
export interface Check {
  readonly name: string;
  readonly title: string;
  readonly command: readonly string[];
  /** A vitest project: its tests are counted, and file filters apply to it. */
  readonly tests: boolean;
  /** Files that fail are run once more, alone: for tests with real servers, which have time limits. Default false. */
  readonly secondRun?: boolean;
  /** Not run unless it is named. Default false. */
  readonly onlyByName?: boolean;
}

/** All stages in their order: the quick ones first, so that mistakes are seen early. */
export const checks: readonly Check[] = [
  { name: 'lint', title: 'Lint and format (Biome)', command: ['biome', 'check'], tests: false },
  { name: 'boundaries', title: 'Dependency rule (turbo)', command: ['turbo', 'boundaries'], tests: false },
  {
    name: 'types',
    title: 'Types (TypeScript)',
    command: ['tsc', '-p', 'tsconfig.json'],
    tests: false,
  },
  { name: 'unit', title: 'Unit tests', command: ['vitest', 'run', '--project', 'unit'], tests: true },
  {
    name: 'integration',
    title: 'Integration tests (real Redis and PostgreSQL)',
    // They mostly wait: three at once on two cores.
    command: ['vitest', 'run', '--project', 'integration', '--maxWorkers=3'],
    tests: true,
    secondRun: true,
  },
  {
    name: 'e2e',
    title: 'End-to-end tests (real processes)',
    // Whole systems, each with its own servers and ports, that mostly wait: two at once.
    command: ['vitest', 'run', '--project', 'e2e', '--maxWorkers=2'],
    tests: true,
    secondRun: true,
  },
  {
    name: 'compose',
    title: 'The system in containers (needs a Docker engine)',
    command: ['vitest', 'run', '--project', 'compose'],
    tests: true,
    secondRun: true,
    onlyByName: true,
  },
];

/** Chooses stages by name; other arguments filter test files. Throws if filters have no stage to apply to. */
export function chooseChecks(args: readonly string[]): {
  chosen: readonly Check[];
  filters: readonly string[];
} {
  const filters = args.filter((arg) => !checks.some(({ name }) => name === arg));
  const chosen = checks.filter(({ name }) => args.includes(name));
  if (filters.length > 0 && !chosen.some(({ tests }) => tests)) {
    const names = checks.map(({ name }) => name).join(', ');
    throw new Error(
      `"${filters[0]}" is no stage. Stages: ${names}; behind a test stage, parts of file names.`,
    );
  }
  return {
    chosen: chosen.length > 0 ? chosen : checks.filter(({ onlyByName }) => onlyByName !== true),
    filters,
  };
}
