// Light, dark, or what the system says.

const ORDER = ['system', 'light', 'dark'];
const WORDS = {system: '◐', light: '☀', dark: '☾'};

export function themes(button) {
  let at = localStorage.getItem('triage-theme');
  if (!ORDER.includes(at)) at = 'system';
  const show = () => {
    if (at === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = at;
    button.textContent = WORDS[at];
    button.title = `Colours: ${at}`;
    button.setAttribute('aria-label', `Colours: ${at}`);
  };
  button.addEventListener('click', () => {
    at = ORDER[(ORDER.indexOf(at) + 1) % ORDER.length];
    localStorage.setItem('triage-theme', at);
    show();
  });
  show();
}
