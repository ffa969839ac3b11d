/**
 * Keeps the page (and, once it is idle, the digits) for use without a network. `note` is told how far that
 * is. Where the user saves data, the digits are kept only when they were asked for.
 */
export async function setUpOffline(note: (text: string) => void): Promise<void> {
  if (!("serviceWorker" in navigator)) {
    note("not kept offline: this needs https");
    return;
  }
  try {
    navigator.serviceWorker.addEventListener("message", ({ data }) => {
      if (data === "data-kept") note("works offline, digits included");
    });
    await navigator.serviceWorker.register(new URL("service-worker.js", document.baseURI));
    const { active } = await navigator.serviceWorker.ready;
    note("works offline");
    if (!savesData()) active?.postMessage("keep-data");
  } catch (error) {
    note(`not kept offline: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function savesData(): boolean {
  const connection: unknown = "connection" in navigator ? navigator.connection : undefined;
  return (
    typeof connection === "object" &&
    connection !== null &&
    "saveData" in connection &&
    connection.saveData === true
  );
}
