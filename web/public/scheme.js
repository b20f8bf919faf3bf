// Sets the colours before the first paint; a file of its own, because the policy allows no inline scripts.
{
  const wanted = localStorage.getItem("mantine-color-scheme-value");
  const dark = wanted === "dark" || (wanted !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
}
