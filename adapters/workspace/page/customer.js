// The panel for writing as a customer: what it sends becomes a real mail in the spool folder.

import { get, post } from "./api.js";
import { el } from "./dom.js";
import { formFoot, isComplete, labelled, openDialog } from "./dialog.js";
import { t } from "./words.js";

const KEPT = "customer-draft";
const LARGEST = 5e6;

/** Open the panel. `complaintOf(error)` says in words what went wrong; `done()` is called once it is sent. */
export async function openCustomer({ me, queues, complaintOf, done }) {
  const { mails } = await get("mails", { me }).catch(() => ({ mails: [] }));
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
  const text = (name, attributes = {}) => {
    const node = el(attributes.rows ? "textarea" : "input", { name, autocomplete: "off", ...attributes });
    node.value = kept[name] ?? "";
    return node;
  };
  const fields = {
    queue: labelled(t("page.customer.queue"), el("select", { name: "queue" }, queues.map((queue) => el("option", {}, queue))), { required: true }),
    answers: labelled(t("page.customer.answers"), answersNode(mails), { required: true }),
    name: labelled(t("page.customer.name"), text("name", { type: "text" })),
    address: labelled(t("page.customer.address"), text("address", { type: "email" }), { required: true }),
    subject: labelled(t("page.customer.subject"), text("subject", { type: "text", "data-first": true })),
    text: labelled(t("page.customer.text"), text("text", { rows: 7 }), { required: true }),
    file: labelled(t("page.customer.attachment"), el("input", { type: "file", name: "file" })),
  };
  fields.name.control.value ||= t("page.customer.sample.name");
  fields.address.control.value ||= t("page.customer.sample.address");
  fields.queue.node.hidden = queues.length < 2;
  fields.answers.node.hidden = !mails.length;
  const old = el("input", { type: "checkbox", name: "old" });
  const all = Object.values(fields);
  const value = (name) => fields[name].control.value;
  const foot = formFoot(t("page.customer.send"), t("page.cancel"), () => dialog.close());

  fields.answers.control.addEventListener("change", () => {
    const mail = mails.find((each) => String(each.id) === value("answers"));
    if (!mail) return;
    fields.queue.control.value = mail.queue;
    fields.name.control.value = mail.name;
    fields.address.control.value = mail.address;
    fields.subject.control.value = /^re:/i.test(mail.subject) ? mail.subject : `Re: ${mail.subject}`;
  });

  const keep = () =>
    sessionStorage.setItem(
      KEPT,
      JSON.stringify(Object.fromEntries(["name", "address", "subject", "text"].map((name) => [name, value(name)]))),
    );

  async function submit(event) {
    event.preventDefault();
    foot.problem.replaceChildren();
    if (!isComplete(all) || foot.submit.disabled) return;
    const file = fields.file.control.files[0];
    if (file && file.size > LARGEST) return fields.file.complain(t("page.customer.too_big"));
    foot.submit.disabled = true;
    try {
      await post("customer", {
        me,
        queue: value("queue"),
        answers: Number(value("answers")) || null,
        name: value("name"),
        address: value("address"),
        subject: value("subject"),
        text: value("text"),
        attachment: file ? { name: file.name, type: file.type, data: await base64(file) } : null,
        old_japanese: old.checked,
      });
      const { name, address } = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
      sessionStorage.setItem(KEPT, JSON.stringify({ name, address }));
      dialog.close();
      done();
    } catch (error) {
      foot.problem.append(el("p", {}, complaintOf(error)));
    } finally {
      foot.submit.disabled = false;
    }
  }

  const form = el(
    "form",
    { class: "form", novalidate: true, onsubmit: submit, oninput: keep },
    fields.queue.node,
    fields.answers.node,
    el("div", { class: "input-pair" }, fields.name.node, fields.address.node),
    fields.subject.node,
    fields.text.node,
    fields.file.node,
    el("label", { class: "check" }, old, el("span", {}, t("page.customer.old"))),
    foot.problem,
    foot.node,
  );
  const dialog = openDialog({ title: t("page.customer"), intro: t("page.customer.intro"), content: form, sheet: true });
}

function answersNode(mails) {
  const options = mails.map((mail) => el("option", { value: mail.id }, `${mail.subject || "–"} (${mail.name || mail.address})`));
  return el("select", { name: "answers" }, el("option", { value: "new" }, t("page.customer.new")), options);
}

async function base64(file) {
  const url = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(file);
  });
  return url.slice(url.indexOf(",") + 1);
}
