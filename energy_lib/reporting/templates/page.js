(() => {
  'use strict';
  const root = document.documentElement;
  const pages = [...document.querySelectorAll('main > section.page')];
  if (pages.length > 1) {
    root.classList.add('tabs');
    const show = () => {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      const page = (target && target.closest('main > section.page')) || pages[0];
      for (const each of pages) each.classList.toggle('shown', each === page);
      for (const link of document.querySelectorAll('header nav a')) {
        if (link.hash === '#' + page.id) link.setAttribute('aria-current', 'page');
        else link.removeAttribute('aria-current');
      }
      const details = target && target.closest('details');
      if (details) details.open = true;
      if (target && target !== page) target.scrollIntoView();
      else if (location.hash) window.scrollTo(0, 0);
    };
    window.addEventListener('hashchange', show);
    show();
  }
  let opened = [];
  window.addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll('details:not([open])')];
    for (const each of opened) each.open = true;
  });
  window.addEventListener('afterprint', () => { for (const each of opened) each.open = false; });
  for (const form of document.querySelectorAll('form.filter')) {
    const items = [...document.getElementById(form.dataset.list).children];
    const count = form.querySelector('output');
    const apply = () => {
      const asked = [...new FormData(form).entries()].filter(([, value]) => value !== '');
      let shown = 0;
      for (const item of items) {
        const fits = asked.every(([name, value]) => name === 'text'
          ? item.textContent.toLowerCase().includes(value.toLowerCase())
          : item.dataset[name] === value);
        item.hidden = !fits;
        if (fits) shown += 1;
      }
      count.textContent = count.dataset.words.replace('#', shown).replace('#', items.length);
    };
    form.hidden = false;
    form.addEventListener('input', apply);
    form.addEventListener('reset', () => setTimeout(apply));
    form.addEventListener('submit', (event) => event.preventDefault());
    apply();
  }
})();
