/** An entry as Redis returns it: its id and its fields, name and value in turn. */
export type RawEntry = readonly [id: string, fields?: readonly string[] | null];

/** Stands in a script for the function that packs entries. */
export const INCLUDE_PACKING = '-- include: packEntries\n';

/** Lua: `packEntries(entries)` gives the `lines` and `others` that `unpackEntries` reads. */
export const PACK_ENTRIES = String.raw`
local find = string.find
local function lineOf(id, f)
  if not (#f == 12 and f[1] == 'stream' and f[3] == 'version' and f[5] == 'type' and f[7] == 'schema'
    and f[9] == 'data' and f[11] == 'meta') then return '' end
  local line = id .. '\31' .. f[2] .. '\31' .. f[4] .. '\31' .. f[6] .. '\31' .. f[8] .. '\31' .. f[10] .. '\31' .. f[12]
  local hasDivider = find(f[10], '\31', 1, true) or find(f[12], '\31', 1, true)
    or find(f[2] .. f[4] .. f[6] .. f[8], '\31', 1, true) or find(line, '\30', 1, true)
  return hasDivider and '' or line
end
local function packEntries(entries)
  local lines, others = {}, {}
  for i, entry in ipairs(entries) do
    lines[i] = lineOf(entry[1], entry[2])
    if lines[i] == '' then others[#others + 1] = entry end
  end
  return table.concat(lines, '\30'), others
end
`;

/**
 * Entries from a packed reply: a line for each, of its id and the values of the usual fields, or an empty one for an
 * entry that is in `others` instead, whole. Lines are divided by U+001E, values by U+001F; JSON has neither.
 */
export function unpackEntries(lines: string, others: readonly RawEntry[]): readonly RawEntry[] {
  if (lines === '') return others;
  let next = 0;
  return lines.split('\x1e').map((line) => {
    if (line === '') {
      next += 1;
      return others[next - 1] ?? ['', []];
    }
    const [id = '', stream = '', version = '', type = '', schema = '', data = '', meta = ''] =
      line.split('\x1f');
    return [
      id,
      ['stream', stream, 'version', version, 'type', type, 'schema', schema, 'data', data, 'meta', meta],
    ];
  });
}
