# Writes the two public data sets that may not be redistributed here, from the R
# packages that hold them:  Rscript tests/golden/R/make_data.R FOLDER
folder <- commandArgs(TRUE)[1]
if (is.na(folder)) stop("name a folder to write into: Rscript make_data.R FOLDER")
dir.create(folder, showWarnings = FALSE, recursive = TRUE)
keep <- function(frame, name)
  write.csv(frame, file.path(folder, name), row.names = FALSE, na = "", quote = FALSE)

data(Science, package = "mirt")
keep(Science, "science.csv")

data(acl, package = "mokken")
communality <- as.data.frame(acl[, 1:10])
names(communality) <- sub("\\*$", "_r", names(communality))
keep(communality, "acl_communality.csv")
