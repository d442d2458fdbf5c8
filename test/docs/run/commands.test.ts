import { describe, expect, it } from 'vitest';
import { documents, type Document } from '../../support/document.ts';
import { DocumentScene } from '../../support/document-scene.ts';
import { patientMs } from '../../support/patience.ts';

const runnable = documents().filter(({ commands }) =>
  commands.some(({ tag }) => tag.kind === 'run' || tag.kind === 'start'),
);

/** `…` stands for anything within a line; a line that is `…` for any lines. */
function pattern(shown: string): RegExp {
  const lines = shown.trimEnd().split('\n');
  const escaped = lines.map((line) =>
    line === '…' ? '[^]*?' : line.split('…').map(RegExp.escape).join('.*'),
  );
  return new RegExp(`^${escaped.join('\n')}\n*$`);
}

/** Does what the document says, in its order. */
async function follow(document: Document): Promise<void> {
  await using scene = await DocumentScene.of(document);
  let printed = '';
  for (const block of document.blocks) {
    if (block.tag.kind === 'start') await scene.start(block);
    else if (block.tag.kind === 'run') printed = await scene.run(block);
    else if (block.tag.kind === 'output') expect(printed).toMatch(pattern(block.text));
  }
}

describe('the commands', () => {
  it.each(runnable)('of $path do what it says', follow, patientMs(120_000));

  it('print what is shown, or the test fails', () => {
    expect('a 1\nb\nc\nd\n').toMatch(pattern('a …\n…\nd\n'));
    expect('a 1\nb\nc\n').not.toMatch(pattern('a …\n…\nd\n'));
    expect('x\n').not.toMatch(pattern('y\n'));
  });
});
