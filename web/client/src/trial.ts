// A trial goes on where one was: the page that comes back is shown at the place that was left.
import "./styles/trial.css";

const PLACE = "handslag.trial";

const left = sessionStorage.getItem(PLACE);
sessionStorage.removeItem(PLACE);
if (left !== null) scrollTo(0, Number(left));
addEventListener("submit", () => sessionStorage.setItem(PLACE, String(scrollY)));
