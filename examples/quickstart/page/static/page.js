// Sends texts, and asks once a second what has become of them.

const form = document.querySelector("#new-job");
const field = document.querySelector("#text");
const trouble = document.querySelector("#trouble");
const list = document.querySelector("#jobs");
const template = document.querySelector("#job");
const shown = new Map(); // job id -> the state that is on the page

async function ask(method, body) {
  const options = { method };
  if (body) {
    options.body = JSON.stringify(body);
    options.headers = { "Content-Type": "application/json" };
  }
  const answer = await fetch("/jobs", options);
  const content = await answer.json();
  if (!answer.ok) throw new Error(typeof content.detail === "string" ? content.detail : "This text can't be read.");
  return content;
}

async function attempt(action) {
  try {
    await action();
    trouble.hidden = true;
  } catch (error) {
    trouble.textContent = error instanceof TypeError ? "The page's server does not answer." : error.message;
    trouble.hidden = false;
  }
}

function readingTime(seconds) {
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function element(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

function card(job) {
  const item = template.content.cloneNode(true).firstElementChild;
  item.dataset.state = job.state;
  item.querySelector(".number").textContent = `Job ${job.id}`;
  item.querySelector(".state").textContent = job.state;
  item.querySelector(".text").textContent = job.text.length > 240 ? `${job.text.slice(0, 240)} …` : job.text;
  if (job.reading) {
    const { words, sentences, seconds, frequent } = job.reading;
    for (const [label, value] of [["words", words], ["sentences", sentences], ["to read", readingTime(seconds)]]) {
      const figure = document.createElement("div");
      figure.append(element("dt", label), element("dd", value));
      item.querySelector(".figures").append(figure);
    }
    item.querySelector(".frequent").append(...frequent.map(([word, count]) => element("li", `${word} ×${count}`)));
  }
  return item;
}

function show(jobs) {
  if (jobs.every((job) => shown.get(job.id) === job.state) && jobs.length === shown.size) return;
  shown.clear();
  for (const job of jobs) shown.set(job.id, job.state);
  list.replaceChildren(...jobs.map(card));
  const open = jobs.filter((job) => job.state !== "done").length;
  document.querySelector("#summary").textContent = open ? `${open} of ${jobs.length} to be read` : "all read";
  document.querySelector("#summary").hidden = jobs.length === 0;
}

const refresh = async () => {
  const jobs = await ask("GET");
  show(jobs);
  document.querySelector("#empty").hidden = jobs.length > 0;
};

async function watch() {
  if (!document.hidden) await attempt(refresh);
  setTimeout(watch, 1000);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  await attempt(async () => {
    await ask("POST", { text: field.value });
    form.reset();
    field.focus();
    await refresh();
  });
});

field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});

watch();
