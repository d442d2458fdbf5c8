/** The weight that an Accept field gives to a type; the most specific range that matches says it (RFC 9110 §12.5.1). */
function weightOf(accept: string, type: string, subtype: string): number {
  let weight = 0;
  let precision = 0;
  for (const range of accept.split(',')) {
    const [name = '', ...parameters] = range.split(';');
    const matched = precisionOf(name.trim().toLowerCase(), type, subtype);
    if (matched <= precision) continue;
    precision = matched;
    weight = qualityOf(parameters);
  }
  return weight;
}

function precisionOf(name: string, type: string, subtype: string): number {
  if (name === `${type}/${subtype}`) return 3;
  if (name === `${type}/*`) return 2;
  return name === '*/*' ? 1 : 0;
}

function qualityOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=');
    if (name.trim().toLowerCase() !== 'q') continue;
    const quality = Number(value.trim());
    return quality >= 0 && quality <= 1 ? quality : 0;
  }
  return 1;
}

/** Pages before JSON: what browsers ask for when somebody goes somewhere, and scripts do not. */
export function prefersHtml(accept: string | undefined): boolean {
  if (accept === undefined || !/text\/(?:html|\*)/i.test(accept)) return false;
  return weightOf(accept, 'text', 'html') > weightOf(accept, 'application', 'json');
}

/** JSON before plain text: said on purpose. A client that takes anything has no preference. */
export function prefersJson(accept: string | undefined): boolean {
  if (accept === undefined || !/application\/(?:json|\*)/i.test(accept)) return false;
  return weightOf(accept, 'application', 'json') > weightOf(accept, 'text', 'plain');
}
