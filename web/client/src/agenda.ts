// The agenda is put in order by dragging. The arrows beside each item do the same without a script; a drag sends the
// form of the item's own arrow, with the item before which it was let go.
const list = document.querySelector<HTMLElement>("[data-agenda]");
let dragged: HTMLElement | null = null;

function clear(): void {
  list?.classList.remove("is-after");
  for (const each of list?.children ?? []) each.classList.remove("is-before", "is-dragged");
}

/** The item before which something is let go at a height; null: after all. */
function following(height: number): HTMLElement | null {
  for (const each of list?.querySelectorAll<HTMLElement>("[data-item]") ?? []) {
    const box = each.getBoundingClientRect();
    if (height < box.top + box.height / 2) return each;
  }
  return null;
}

function send(item: HTMLElement, before: HTMLElement | null): void {
  const form = item.querySelector("form");
  const field = form?.querySelector<HTMLInputElement>("[name=before_id]");
  if (!form || !field) return;
  field.value = before?.dataset["item"] ?? "";
  form.submit();
}

function over(event: DragEvent): void {
  if (!dragged) return;
  event.preventDefault();
  clear();
  dragged.classList.add("is-dragged");
  const before = following(event.clientY);
  if (before) before.classList.add("is-before");
  else list?.classList.add("is-after");
}

function drop(event: DragEvent): void {
  if (!dragged) return;
  event.preventDefault();
  const before = following(event.clientY);
  if (before !== dragged && before !== dragged.nextElementSibling) send(dragged, before);
  clear();
}

if (list) {
  list.classList.add("can-drag");
  for (const item of list.querySelectorAll<HTMLElement>("[data-item]")) {
    item.draggable = true;
    for (const link of item.querySelectorAll("a")) link.draggable = false;
    item.addEventListener("dragstart", (event) => {
      dragged = item;
      event.dataTransfer?.setData("text/plain", item.innerText);
    });
    item.addEventListener("dragend", () => {
      dragged = null;
      clear();
    });
  }
  list.addEventListener("dragover", over);
  list.addEventListener("drop", drop);
}

export {};
