/** What a person, or trouble, has made of a branch. */
export interface FoldChoice {
  folded: boolean;
  /** Whether the branch was in trouble then: trouble that comes later opens it again. */
  troubled: boolean;
}

/** The branches that are not as they are by default, by the keys of their rows. */
export type FoldChoices = ReadonlyMap<string, FoldChoice>;

/** A branch as the question whether it is folded needs it. */
export interface Branch {
  key: string;
  troubled: boolean;
  /** Whether it is open as long as nobody folds it. */
  openByDefault: boolean;
}

/** Whether a branch is folded: trouble opens itself, calm stays as it is. */
export function isFolded(branch: Branch, choices: FoldChoices): boolean {
  const choice = choices.get(branch.key);
  if (choice && !(branch.troubled && !choice.troubled)) return choice.folded;
  return !branch.troubled && !branch.openByDefault;
}

/** Remember which branches trouble has opened, so that they do not fold under the reader when it is over.
 * @returns The same choices when nothing is new. */
export function withOpened(choices: FoldChoices, branches: readonly Branch[]): FoldChoices {
  const fresh = branches.filter((branch) => branch.troubled && !choices.get(branch.key)?.troubled);
  if (fresh.length === 0) return choices;
  const after = new Map(choices);
  for (const { key } of fresh) after.set(key, { folded: false, troubled: true });
  return after;
}

/** The choices after a person has folded or unfolded a branch. */
export function withChoice(choices: FoldChoices, branch: Branch, folded: boolean): FoldChoices {
  return new Map(choices).set(branch.key, { folded, troubled: branch.troubled });
}

/** The choices after all branches without trouble were folded. */
export function withCalmFolded(choices: FoldChoices, branches: readonly Branch[]): FoldChoices {
  const after = new Map(choices);
  for (const { key, troubled } of branches) if (!troubled) after.set(key, { folded: true, troubled: false });
  return after;
}
