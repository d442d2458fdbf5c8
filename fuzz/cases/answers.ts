import { mutateOctets } from '../../test/support/differential/octet-mutations.ts';
import type { Random } from '../../test/support/differential/random.ts';
import { bodyOf, headOf, soundAnswer, type AnswerDraft } from './answer-draft.ts';
import { markOf } from './answer-mark.ts';
import { spoilAnswer } from './answer-spoilings.ts';
import type { AnswerScript } from './fuzz-case.ts';

const SILENT: AnswerScript = {
  text: '',
  headLength: -1,
  cuts: [],
  end: 'hold',
  delayMs: 0,
  isEarly: false,
};

/** Nothing at all, and then the connection goes, or does not. */
function silence(random: Random): AnswerScript {
  return { ...SILENT, end: random.pick(['hold', 'fin', 'reset', 'fin', 'reset']) };
}

/** The answer to the `turn`th request of a case. */
export function answerScript(random: Random, index: number, turn: number): AnswerScript {
  if (random.chance(2)) return silence(random);
  const draft = soundAnswer(random, markOf(index, turn));
  const isEarly = random.chance(4);
  if (random.chance(60)) return soundScript(random, draft, isEarly);
  do spoilAnswer(random, draft);
  while (random.chance(20));
  let text = headOf(draft) + bodyOf(draft) + draft.behind;
  if (random.chance(15)) text = mutateOctets(random, text);
  // Most of those that stop short do not let anybody wait for more.
  const end = draft.end === 'hold' && random.chance(85) ? 'fin' : draft.end;
  return { text, headLength: -1, cuts: [], end, delayMs: 0, isEarly };
}

function soundScript(random: Random, draft: AnswerDraft, isEarly: boolean): AnswerScript {
  const head = headOf(draft);
  const text = head + bodyOf(draft);
  const cuts = new Set<number>();
  for (let count = random.below(4); count > 0; count--) cuts.add(random.below(text.length));
  const isPlain = random.chance(90);
  return {
    text,
    // A tenth sends a body to HEAD all the same. In one piece: no reader of a connection can know what comes later.
    headLength: isPlain ? head.length : -1,
    cuts: isPlain ? [...cuts].filter((at) => at > 0).toSorted((one, other) => one - other) : [],
    end: draft.end,
    delayMs: random.chance(3) ? random.below(40) : 0,
    isEarly,
  };
}
