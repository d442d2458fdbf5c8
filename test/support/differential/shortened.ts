import { Pace, type Sample } from './sample.ts';

/** The sample with as much cut out of it as `isStillBad` allows. */
export function shortened(sample: Sample, isStillBad: (sample: Sample) => boolean): Sample {
  let best = sample;
  const attempt = (candidate: Sample): boolean => {
    if (!isStillBad(candidate)) return false;
    best = candidate;
    return true;
  };
  attempt({ ...best, cuts: [], pace: Pace.prompt });
  for (
    let width = Math.ceil(best.text.length / 2);
    width >= 1;
    width = width === 1 ? 0 : Math.ceil(width / 2)
  ) {
    for (let at = 0; at < best.text.length;) {
      const text = best.text.slice(0, at) + best.text.slice(at + width);
      const cuts = best.cuts
        .map((cut) => (cut <= at ? cut : Math.max(at, cut - width)))
        .filter((cut, index, all) => cut > 0 && cut < text.length && cut !== all[index - 1]);
      if (!attempt({ ...best, text, cuts })) at += width;
    }
  }
  for (const cut of best.cuts)
    attempt({ ...best, cuts: best.cuts.filter((other) => other !== cut) });
  return best;
}
