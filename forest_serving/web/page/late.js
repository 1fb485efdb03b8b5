// Marks what is shown as that of another row, while an answer is long on its way.

const LATE_MS = 300;

/** Await an answer; while it is late, the element has the class "late". */
export async function markedWhileLate(node, answer) {
  const timer = setTimeout(() => node.classList.add("late"), LATE_MS);
  try {
    return await answer;
  } finally {
    clearTimeout(timer);
    node.classList.remove("late");
  }
}
