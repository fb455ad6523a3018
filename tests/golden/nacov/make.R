# Rscript make.R bfi.csv: lavaan's asymptotic covariance of polychorics, and polyserials.
suppressMessages(library(lavaan))
bfi <- read.csv(commandArgs(TRUE)[1])
items <- bfi[, c("A1", "A2", "C1")]
for (missing in c("listwise", "pairwise")) {
  fit <- lavCor(items, ordered = names(items), missing = missing, output = "fit",
                se = "robust.sem", estimator = "WLSMV")
  gamma <- format(unclass(lavInspect(fit, "gamma")), digits = 15)
  write.csv(gamma, paste0(missing, ".csv"), quote = FALSE)
}
neuroticism <- rowSums(bfi[, paste0("N", 1:5)])
mixed <- na.omit(data.frame(total = neuroticism, bfi[, c("A1", "C5", "E2", "O4")]))
corr <- lavCor(mixed, ordered = names(mixed)[-1], output = "cor", se = "none")
write.csv(format(unclass(corr)[1, -1, drop = FALSE], digits = 15), "polyserial.csv", quote = FALSE)
