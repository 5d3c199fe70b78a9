// What stands in the fields of a form, and putting it back.

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
export type Values = [name: string, value: string][];

const CHOSEN = ["checkbox", "radio"];
const LEFT_OUT = ["hidden", "file", "password", "submit", "button"];

/** Those in which something can be written or chosen. */
export function fieldsOf(form: HTMLFormElement): Field[] {
  return [...form.elements].filter(
    (each): each is Field =>
      (each instanceof HTMLInputElement || each instanceof HTMLTextAreaElement || each instanceof HTMLSelectElement) &&
      each.name !== "" && !LEFT_OUT.includes(each.type),
  );
}

function isOn(field: Field): boolean {
  return field instanceof HTMLInputElement && CHOSEN.includes(field.type) ? field.checked : true;
}

export function valuesOf(form: HTMLFormElement): Values {
  return fieldsOf(form).filter(isOn).map((each) => [each.name, each.value]);
}

/** Put back what stood in a form: a box or a choice that is not among it is taken away. */
export function fill(form: HTMLFormElement, values: Values): void {
  const left = [...values];
  for (const field of fieldsOf(form)) {
    const isChosen = field instanceof HTMLInputElement && CHOSEN.includes(field.type);
    const place = left.findIndex(([name, value]) => name === field.name && (!isChosen || value === field.value));
    const [found] = place < 0 ? [] : left.splice(place, 1);
    if (isChosen) field.checked = found !== undefined;
    else if (found && found[1] !== field.value) {
      field.value = found[1];
      field.dispatchEvent(new Event("change", { bubbles: true })); // parts of the page that follow the field ask again
    }
  }
}

/** Whether something stands in a form that its page did not write there. */
export function isChanged(form: HTMLFormElement): boolean {
  return fieldsOf(form).some((field) => {
    if (field instanceof HTMLSelectElement) {
      return [...field.options].some((each) => each.selected !== each.defaultSelected) && field.value !== field.options[0]?.value;
    }
    const isChosen = field instanceof HTMLInputElement && CHOSEN.includes(field.type);
    return isChosen ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
  });
}
