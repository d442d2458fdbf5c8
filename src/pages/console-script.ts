/**
 * What makes the console move. Everything works without it, by reloading. Sections come as HTML that was escaped where
 * it was made; the policy lets no other script run, wherever one should come from.
 */
export const consoleScript = `
'use strict';
(() => {
  const banner = document.getElementById('banner');
  const waiting = new Map();
  let isHeld = false, tries = 0, source = null, timer = 0;
  const say = (text) => {
    document.documentElement.classList.toggle('stale', text !== '');
    if (banner.textContent !== text) banner.textContent = text;
    banner.hidden = text === '';
  };
  const show = () => {
    if (isHeld) return;
    const focused = document.activeElement && document.activeElement.id;
    for (const [id, html] of waiting) {
      const section = document.getElementById(id);
      if (section !== null) section.innerHTML = html;
    }
    waiting.clear();
    if (focused && document.activeElement === document.body) {
      const again = document.getElementById(focused);
      if (again !== null) again.focus({ preventScroll: true });
    }
  };
  const hold = (held) => { isHeld = held; if (!held) setTimeout(show, 0); };
  addEventListener('pointerdown', () => hold(true));
  addEventListener('pointerup', () => hold(false));
  addEventListener('pointercancel', () => hold(false));
  addEventListener('blur', () => hold(false));
  const query = new URLSearchParams(location.search);
  if (query.has('ended')) {
    query.delete('ended');
    history.replaceState(null, '', query.size === 0 ? '/console' : '/console?' + query);
  }
  const open = () => {
    source = new EventSource('/console/events' + location.search);
    source.addEventListener('seen', (event) => {
      tries = 0;
      say('');
      for (const [id, html] of Object.entries(JSON.parse(event.data))) waiting.set(id, html);
      show();
    });
    source.addEventListener('outage', () => { tries = 0; say(banner.dataset.outage); });
    source.addEventListener('ended', () => { source.close(); location.reload(); });
    source.addEventListener('error', lost);
  };
  const lost = () => {
    source.close();
    say(banner.dataset.lost);
    clearTimeout(timer);
    timer = setTimeout(again, Math.min(15000, 500 * 2 ** tries++));
  };
  const again = async () => {
    try {
      const answer = await fetch('/console/state.json', { headers: { Accept: 'application/json' } });
      if (answer.status === 401 || answer.status === 403) { location.reload(); return; }
    } catch { lost(); return; }
    open();
  };
  addEventListener('pagehide', () => { if (source !== null) source.close(); clearTimeout(timer); });
  addEventListener('pageshow', (event) => { if (event.persisted) open(); });
  open();
})();
`;
