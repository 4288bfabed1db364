/** Taking one picture with the device's camera. */

/** Open the viewfinder; return the picture taken, or null when the person cancels. */
export async function takePicture(viewfinder: HTMLDialogElement): Promise<Blob | null> {
  const video = viewfinder.querySelector("video")!;
  const facing = { video: { facingMode: "environment" } };
  const stream = await navigator.mediaDevices.getUserMedia(facing);
  try {
    video.srcObject = stream;
    await video.play();
    return (await confirmed(viewfinder)) ? await still(video) : null;
  } finally {
    stream.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
  }
}

function confirmed(viewfinder: HTMLDialogElement): Promise<boolean> {
  const [take, leave] = viewfinder.querySelectorAll("button");
  viewfinder.returnValue = "";
  take.onclick = () => viewfinder.close("taken");
  leave.onclick = () => viewfinder.close();
  viewfinder.showModal();
  return new Promise((resolve) => {
    viewfinder.addEventListener("close", () => resolve(viewfinder.returnValue === "taken"), { once: true });
  });
}

/** Return the middle square of what the camera sees now. */
function still(video: HTMLVideoElement): Promise<Blob> {
  const side = Math.min(video.videoWidth, video.videoHeight);
  const canvas = new OffscreenCanvas(side, side);
  const [left, top] = [(video.videoWidth - side) / 2, (video.videoHeight - side) / 2];
  canvas.getContext("2d")!.drawImage(video, -left, -top);
  return canvas.convertToBlob();
}
