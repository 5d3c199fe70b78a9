// Files are dropped or chosen, and when the button is pressed they are sent one by one, each with its progress. Without
// this script the form sends them all at once.

interface Texts {
  readonly kept: string;
  readonly lost: string;
  readonly sending: string;
  readonly tooLarge: string;
}

function line(list: HTMLElement, name: string): (text: string, state: string) => void {
  const item = document.createElement("li");
  const title = document.createElement("strong");
  const told = document.createElement("span");
  title.textContent = name;
  item.append(title, " ", told);
  list.append(item);
  return (text, state) => {
    told.textContent = text;
    item.dataset["state"] = state;
  };
}

function send(form: HTMLFormElement, file: File, tell: (share: number) => void): Promise<string | null> {
  const body = new FormData();
  for (const field of form.querySelectorAll<HTMLSelectElement>("select")) body.append(field.name, field.value);
  for (const tick of form.querySelectorAll<HTMLInputElement>("input[type=checkbox]:checked")) body.append(tick.name, tick.value);
  body.append("file", file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => tell(event.total ? event.loaded / event.total : 0));
    request.addEventListener("error", () => reject(new Error("lost")));
    request.addEventListener("load", () => {
      if (request.status === 201) return resolve(null);
      try {
        const told = JSON.parse(request.responseText) as { refused: string[] };
        resolve(told.refused.join(" "));
      } catch {
        reject(new Error("not understood"));
      }
    });
    request.send(body);
  });
}

async function sendAll(form: HTMLFormElement, files: Iterable<File>): Promise<void> {
  const list = form.querySelector<HTMLElement>("[data-uploads]");
  if (!list) return;
  const texts = list.dataset as unknown as Texts;
  let isKept = false;
  for (const file of files) {
    const say = line(list, file.name);
    if (file.size > Number(list.dataset["max"])) {
      say(texts.tooLarge, "refused");
      continue;
    }
    const tell = (share: number) => say(`${texts.sending} ${Math.round(share * 100)} %`, "sending");
    try {
      tell(0);
      const refused = await send(form, file, tell);
      say(refused ?? texts.kept, refused === null ? "kept" : "refused");
      isKept ||= refused === null;
    } catch {
      say(texts.lost, "refused");
    }
  }
  if (isKept) document.body.dispatchEvent(new Event("filed"));
}

function arrange(place: HTMLElement, take: (files: FileList) => void): void {
  place.addEventListener("dragover", (event) => {
    event.preventDefault();
    place.classList.add("is-over");
  });
  place.addEventListener("dragleave", () => place.classList.remove("is-over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("is-over");
    if (event.dataTransfer) take(event.dataTransfer.files);
  });
}

/** What the server would not even read is not sent at all, so that the text beside it is not lost either. */
function refuseTooLarge(event: Event, form: HTMLFormElement, input: HTMLInputElement): void {
  const list = form.querySelector<HTMLElement>("[data-uploads]");
  const most = Number(list?.dataset["max"]);
  const files = [...(input.files ?? [])];
  if (!list || files.reduce((sum, file) => sum + file.size, 0) <= most) return;
  event.preventDefault();
  list.replaceChildren();
  const largest = files.reduce((one, other) => (other.size > one.size ? other : one));
  line(list, largest.size > most ? largest.name : "")((list.dataset[largest.size > most ? "tooLarge" : "tooMuch"] ?? ""), "refused");
  input.focus();
}

for (const place of document.querySelectorAll<HTMLElement>("[data-drop]")) {
  const input = place.querySelector<HTMLInputElement>("input[type=file]");
  const form = place.closest("form");
  if (!input || !form) continue;
  if (!("upload" in form.dataset)) {
    arrange(place, (files) => (input.files = files)); // sent with the rest of its form
    form.addEventListener("submit", (event) => refuseTooLarge(event, form, input));
    continue;
  }
  arrange(place, (files) => (input.files = files));
  form.addEventListener("submit", (event) => {
    const files = [...(input.files ?? [])];
    if (!files.length) return; // the server says so
    event.preventDefault();
    input.value = ""; // so that a second press sends nothing twice
    form.querySelector("[data-uploads]")?.replaceChildren();
    void sendAll(form, files);
  });
}
