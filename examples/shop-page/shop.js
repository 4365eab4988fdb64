// Asks Sommelier for the list of whoever is logged in, shows it, and reports what is clicked.

const list = document.getElementById("recommended");
const status = document.getElementById("status");
let session;

// The page's own server says who is logged in, and signs it for ten minutes.
async function signIn() {
  session = await (await fetch("/session")).json();
}

async function ask(path, body, mayRepeat = true) {
  const answer = await fetch(session.api + path, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-API-Key": session.key,
      "X-User-Signature": session.signature,
    },
    body: JSON.stringify(body),
  });
  if (answer.ok) return answer.json();
  const problem = await answer.json();
  if (mayRepeat && problem.type === "urn:sommelier:problem:wrong-signature") {
    await signIn(); // it has expired
    return ask(path, body, false);
  }
  throw new Error(problem.detail);
}

// No event_id: with its time, the same click sent twice is stored once.
function report(item, recommendationId) {
  return ask("/interactions", {
    interactions: [
      {
        user_id: session.user_id,
        item_id: item.item_id,
        event_type: "click",
        occurred_at: new Date().toISOString(),
        recommendation_id: recommendationId,
      },
    ],
  });
}

async function show() {
  const answer = await ask("/recommend", { user_id: session.user_id, top_n: 5, explain: true });
  list.replaceChildren(...answer.recommendations.map((item) => row(item, answer)));
  status.textContent = `For ${answer.user_id}. Click one: the next list knows it.`;
}

function row(item, answer) {
  const button = document.createElement("button");
  button.textContent = item.title; // as text: whatever a title holds is no markup
  button.addEventListener("click", () =>
    attempt(async () => {
      await report(item, answer.recommendation_id);
      await show();
    }),
  );
  const reason = document.createElement("small");
  reason.textContent = item.reason?.sentence ?? "";
  const entry = document.createElement("li");
  entry.append(button, reason);
  return entry;
}

// A page goes on without recommendations; here it says why there are none.
async function attempt(work) {
  try {
    await work();
  } catch (error) {
    status.textContent = `No recommendations: ${error.message}`;
  }
}

await attempt(async () => {
  await signIn();
  await show();
});
