// Styles of the process owner's studio. Its pictures and editors are entries of their own.
import "./styles/studio.css";
