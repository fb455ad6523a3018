# Rscript make.R: lavaan's fits of four ordinal items, one of them binary, at two times.
suppressMessages(library(lavaan))
answers <- read.csv("input.csv")
steps <- c("configural", "thresholds", "loadings", "intercepts", "residuals")
fits <- lapply(steps, function(step) {
  cfa(paste(readLines(paste0(step, ".txt")), collapse = "\n"), data = answers,
      ordered = names(answers), estimator = "WLSMV", parameterization = "theta",
      std.lv = TRUE)
})
names(fits) <- steps
number <- function(frame) {
  is_number <- vapply(frame, is.numeric, TRUE)
  frame[is_number] <- lapply(frame[is_number], format, digits = 15)
  frame
}
for (step in steps) {
  table <- parameterEstimates(fits[[step]])[, c("lhs", "op", "rhs", "est", "se")]
  write.csv(number(table), paste0(step, ".csv"), quote = FALSE, row.names = FALSE)
}
asked <- c("chisq", "df", "chisq.scaled", "cfi.scaled", "tli.scaled", "rmsea.scaled", "srmr")
fit <- data.frame(t(sapply(fits, fitMeasures, asked)), check.names = FALSE)
write.csv(cbind(step = steps, number(fit)), "fit.csv", quote = FALSE, row.names = FALSE)
test <- do.call(lavTestLRT, unname(fits))
test <- data.frame(difference = test[["Chisq diff"]], df = test[["Df diff"]], p = test[["Pr(>Chisq)"]])
write.csv(cbind(step = steps, number(test)), "difference.csv", quote = FALSE, row.names = FALSE)
