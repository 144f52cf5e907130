"use strict";
// A scanner is a keyboard: it types a code and Enter. For every page at the shelf or the gate.
window.scanning = (() => {
  let sound = null;

  // what one hears and feels without looking: good, odd (known, but something about it), bad, done (the whole of it),
  // stop (put it down at once)
  function beep(kind) {
    const tones = {
      good: [[880, 0.08]], odd: [[520, 0.12], [520, 0.12]], bad: [[220, 0.35]],
      done: [[660, 0.08], [880, 0.08], [1320, 0.2]], stop: [[740, 0.2], [180, 0.3], [740, 0.2], [180, 0.3]],
    }[kind];
    const shakes = { good: 40, odd: [60, 60, 60], bad: 300, done: [40, 40, 120], stop: [300, 80, 300, 80, 300] };
    if (navigator.vibrate) navigator.vibrate(shakes[kind]);
    try {
      sound = sound || new AudioContext();
      let at = sound.currentTime;
      for (const [pitch, seconds] of tones) {
        const [tone, volume] = [sound.createOscillator(), sound.createGain()];
        tone.frequency.value = pitch;
        volume.gain.value = 0.2;
        tone.connect(volume).connect(sound.destination);
        tone.start(at);
        tone.stop(at + seconds);
        at += seconds + 0.06;
      }
    } catch { /* no sound here */ }
  }

  // Call found(code) for each code typed into the input; Enter never sends the form.
  function listen(input, found) {
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      const code = input.value.normalize("NFKC").trim();
      input.value = "";
      if (code) found(code);
    });
  }

  return { beep, listen };
})();
